using Lwg.MLNet.Benchmarks;

if (args.Length == 2 && args[0] == StartUp.Command)
    return StartUp.Run(args[1]);
string filter = "";
bool targets = args.FirstOrDefault() == "targets";
for (int i = targets ? 1 : 0; i < args.Length; i++)
{
    if (args[i] == "--filter" && i + 1 < args.Length)
    {
        filter = args[++i];
    }
    else
    {
        Console.Error.WriteLine("Usage: Lwg.MLNet.Benchmarks [targets] [--filter TEXT]   (targets: the lines with a target; TEXT: a part "
            + "of a stage's name, case-insensitive)");
        return 2;
    }
}

Console.WriteLine(Hardware.Description);
Console.WriteLine();
bool Wanted(string name) => name.Contains(filter, StringComparison.OrdinalIgnoreCase);
if (targets)
{
    Console.WriteLine(TargetRow.Header);
    foreach (TargetRow row in Targets.Rows(Wanted))
        Console.WriteLine(row);
    return 0;
}
Console.WriteLine(Row.Header);
foreach ((string name, Lwg.MLNet.Body.BodyModel body) in Bodies.All())
{
    foreach (int size in (int[])[256, 512])
    {
        foreach (Benchmark benchmark in Stages.Of(new Scene(body, size)))
        {
            if (Wanted(benchmark.Name) && (benchmark.DependsOnSize || size == 256))
                Console.WriteLine(Row.Measure(benchmark, name, size));
        }
    }
}
foreach (string row in Networks.Rows(Wanted))
    Console.WriteLine(row);
return 0;
