using Lwg.MLNet.Training.Cli;

PassiveWaiting.Ask();
return await ConsoleProgram.RunAsync(TrainingProgram.RunAsync, args);
