using Lwg.MLNet.Cli;

return await ConsoleProgram.RunAsync(ImitateProgram.RunAsync, args);
