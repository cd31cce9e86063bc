using Microsoft.ML;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>An estimator of a stage that learns nothing from data: fitting checks the columns only.</summary>
/// <typeparam name="TTransformer">The stage.</typeparam>
public abstract class StageEstimator<TTransformer> : IEstimator<TTransformer> where TTransformer : StageTransformer
{
    private readonly TTransformer _transformer;

    private protected StageEstimator(TTransformer transformer) => _transformer = transformer;

    /// <summary>The stage, before any data has been seen.</summary>
    internal TTransformer Transformer => _transformer;

    /// <summary>Leaves out the rows in which a status says so; for chains, before the stage is used.</summary>
    internal StageEstimator<TTransformer> LeaveOut(IReadOnlyList<string> statusColumnNames)
    {
        _transformer.StageOptions.LeaveOut(statusColumnNames);
        return this;
    }

    /// <summary>Checks that the data have the columns that the stage reads; no row is looked at.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type or size; the message names column, expected, found and stage.</exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>Which columns come out, as far as it can be told before there are data: sizes of vectors are checked when there are.</summary>
    /// <param name="inputSchema">The columns that come in.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _transformer.SignatureWithStatuses.Bind(inputSchema);
}
