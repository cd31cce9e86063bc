using Lwg.MLNet.Cluster;

return await ConsoleProgram.RunAsync(ClusterProgram.RunAsync, args);
