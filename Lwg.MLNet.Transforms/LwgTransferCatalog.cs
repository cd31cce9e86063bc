using Lwg.MLNet.Transforms;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>The catalog of transfers between people.</summary>
public static class LwgTransferCatalog
{
    /// <summary>Returns the catalog for the evaluation of transfers, like mlContext.Regression for other tasks.</summary>
    /// <param name="mlContext">The context.</param>
    public static TransferCatalog PersonTransfer(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new TransferCatalog(mlContext.Transforms.GetEnvironment());
    }
}
