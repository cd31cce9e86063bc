using Lwg.MLNet.Samples;
using Lwg.MLNet.Samples.Batch;

return await ConsoleProgram.RunAsync(BatchProgram.RunAsync, args);
