using Lwg.MLNet.Benchmarks;

string filter = "";
bool networks = false;
for (int i = 0; i < args.Length; i++)
{
    if (args[i] == "--filter" && i + 1 < args.Length)
    {
        filter = args[++i];
    }
    else if (args[i] == "--networks")
    {
        networks = true;
    }
    else
    {
        Console.Error.WriteLine("Usage: Lwg.MLNet.Benchmarks [--filter TEXT] [--networks]   (TEXT: a part of a stage's name, in any case; --networks: the networks of the published size instead, minutes and 2 GB of disk)");
        return 2;
    }
}

Console.WriteLine(Hardware.Description);
Console.WriteLine();
Console.WriteLine(Row.Header);
if (networks)
{
    foreach (Benchmark benchmark in Networks.All())
        Console.WriteLine(Row.Measure(benchmark, "", Networks.Size));
    return 0;
}
foreach ((string name, Lwg.MLNet.Body.BodyModel body) in Bodies.All())
{
    foreach (int size in (int[])[256, 512])
    {
        foreach (Benchmark benchmark in Stages.Of(new Scene(body, size)))
        {
            if (benchmark.Name.Contains(filter, StringComparison.OrdinalIgnoreCase) && (benchmark.DependsOnSize || size == 256))
                Console.WriteLine(Row.Measure(benchmark, name, size));
        }
    }
}
foreach (string row in Networks.Rows(name => name.Contains(filter, StringComparison.OrdinalIgnoreCase)))
    Console.WriteLine(row);
return 0;
