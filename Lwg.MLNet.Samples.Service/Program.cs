using Lwg.MLNet.Samples.Service;

await ServiceApp.Build(args).RunAsync();
