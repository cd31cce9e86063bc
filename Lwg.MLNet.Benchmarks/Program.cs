using Lwg.MLNet.Benchmarks;

string filter = "";
for (int i = 0; i < args.Length; i++)
{
    if (args[i] == "--filter" && i + 1 < args.Length)
    {
        filter = args[++i];
    }
    else
    {
        Console.Error.WriteLine("Usage: Lwg.MLNet.Benchmarks [--filter TEXT]   (TEXT: a part of a stage's name, in any case)");
        return 2;
    }
}

Console.WriteLine(Hardware.Description);
Console.WriteLine();
Console.WriteLine(Row.Header);
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
