using Lwg.MLNet.Batch;

return await ConsoleProgram.RunAsync(BatchProgram.RunAsync, args);
