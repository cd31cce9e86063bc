using Lwg.MLNet.Training.Cli;

return SelfWithPassiveWaiting.Run(args) ?? await ConsoleProgram.RunAsync(TrainingProgram.RunAsync, args);
