using Lwg.MLNet.Tests.ModelHost;
using Microsoft.ML;

// A separate application that loads models without registering anything, applies each to rows and prints a hash of the output. It reads
// the path of a model and the folder of its rows as two lines, and answers with one line. It ends at the end of the input.
while (Console.ReadLine() is { } model && Console.ReadLine() is { } rows)
{
    try
    {
        var context = new MLContext(seed: 1);
        Console.WriteLine(RowHash.OfData(context.Model.Load(model, out _).Transform(RowFolder.Load(context, rows))));
    }
#pragma warning disable CA1031 // Any error is the answer, and the calling test fails.
    catch (Exception e)
#pragma warning restore CA1031
    {
        Console.WriteLine(e.ToString().ReplaceLineEndings(" "));
    }
}
