using Lwg.MLNet.Service;

if (args.Any(a => a is "--help" or "-h" or "-?" or "/?"))
{
    Console.WriteLine(ServiceHelp.Text());
    return 0;
}
await ServiceApp.Build(args).RunAsync();
return 0;
