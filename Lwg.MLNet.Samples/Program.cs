using Lwg.MLNet.Samples;

return await ConsoleProgram.RunAsync(ImitateProgram.RunAsync, args);
