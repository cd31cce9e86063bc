using Microsoft.ML;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>An estimator of a stage that learns nothing from data: fitting checks the columns only. The methods of mlContext.Transforms
/// make it.</summary>
/// <typeparam name="TOptions">The stage's options, which have its name: <see cref="CropPersonOptions"/> for CropPerson.</typeparam>
public sealed class StageEstimator<TOptions> : IEstimator<StageTransformer<TOptions>>, IStage where TOptions : StageOptions
{
    private readonly StageTransformer<TOptions> _transformer;

    internal StageEstimator(StageTransformer<TOptions> transformer) => _transformer = transformer;

    StageSignature IStage.Signature => _transformer.Signature;

    IEstimator<ITransformer> IStage.Estimator => this;

    /// <summary>The stage, before any data has been seen.</summary>
    internal StageTransformer<TOptions> Transformer => _transformer;

    /// <summary>Makes the stage one of a chain, before it is used.</summary>
    internal StageEstimator<TOptions> In(StageChain chain)
    {
        _transformer.StageOptions.PutInto(chain);
        return this;
    }

    /// <summary>Does not pass on what a chain made on the way; for its last stage, before it is used.</summary>
    internal StageEstimator<TOptions> Hiding(IReadOnlyList<string> columnNames)
    {
        _transformer.StageOptions.Hide(columnNames);
        return this;
    }

    /// <summary>Checks that the data have the columns that the stage reads; no row is looked at.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type or size; the message names column, expected,
    /// found and stage.</exception>
    public StageTransformer<TOptions> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        _transformer.ReportUse();
        return _transformer;
    }

    /// <summary>Which columns come out, as far as it can be told before there are data: sizes of vectors are checked when there
    /// are.</summary>
    /// <param name="inputSchema">The columns that come in.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _transformer.FullSignature.Bind(inputSchema);
}
