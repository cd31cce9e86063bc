using Lwg.MLNet.Tests.ModelHost;
using Microsoft.ML;

// Another application: it loads a model that it knows nothing about, registers nothing, applies it to rows and prints a hash of what comes out.
if (args.Length != 2)
{
    Console.Error.WriteLine("Usage: model.zip rows-folder");
    return 2;
}
var context = new MLContext(seed: 1);
ITransformer model = context.Model.Load(args[0], out _);
Console.WriteLine(RowHash.OfData(model.Transform(RowFolder.Load(context, args[1]))));
return 0;
