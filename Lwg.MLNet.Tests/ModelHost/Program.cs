using Lwg.MLNet.Tests.ModelHost;
using Microsoft.ML;

// Another application: it loads models that it knows nothing about, registers nothing, applies each to rows and prints a hash of what comes
// out.
// A model's path and its rows' folder come as two lines; the answer is one line. It ends when nothing more comes.
while (Console.ReadLine() is { } model && Console.ReadLine() is { } rows)
{
    try
    {
        var context = new MLContext(seed: 1);
        Console.WriteLine(RowHash.OfData(context.Model.Load(model, out _).Transform(RowFolder.Load(context, rows))));
    }
#pragma warning disable CA1031 // Whatever goes wrong is the answer; the test that asked fails.
    catch (Exception e)
#pragma warning restore CA1031
    {
        Console.WriteLine(e.ToString().ReplaceLineEndings(" "));
    }
}
