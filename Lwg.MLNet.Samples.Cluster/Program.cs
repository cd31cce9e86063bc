using Lwg.MLNet.Samples;
using Lwg.MLNet.Samples.Cluster;

return await ConsoleProgram.RunAsync(ClusterProgram.RunAsync, args);
