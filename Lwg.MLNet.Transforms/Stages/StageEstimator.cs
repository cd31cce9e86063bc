using Microsoft.ML;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>An estimator of a stage that is not trained: Fit only checks the columns. The methods of mlContext.Transforms create
/// it.</summary>
/// <typeparam name="TOptions">The options type of the stage, for example <see cref="CropPersonOptions"/> for CropPerson.</typeparam>
public sealed class StageEstimator<TOptions> : IEstimator<StageTransformer<TOptions>>, IStage where TOptions : StageOptions
{
    private readonly StageTransformer<TOptions> _transformer;

    internal StageEstimator(StageTransformer<TOptions> transformer) => _transformer = transformer;

    StageSignature IStage.Signature => _transformer.Signature;

    IEstimator<ITransformer> IStage.Estimator => this;

    /// <summary>The stage before Fit.</summary>
    internal StageTransformer<TOptions> Transformer => _transformer;

    /// <summary>Adds the stage to a chain; call it before the stage is used.</summary>
    internal StageEstimator<TOptions> In(StageChain chain)
    {
        _transformer.StageOptions.PutInto(chain);
        return this;
    }

    /// <summary>Hides the intermediate columns of a chain; call it on the last stage before it is used.</summary>
    internal StageEstimator<TOptions> Hiding(IReadOnlyList<string> columnNames)
    {
        _transformer.StageOptions.Hide(columnNames);
        return this;
    }

    /// <summary>Checks that the data have the input columns of the stage; rows are not read.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type or size; the message gives the column, the
    /// expected and actual type, and the stage.</exception>
    /// <exception cref="BodyMismatchException">Columns belong to a different body than the stage's, or to different bodies.</exception>
    public StageTransformer<TOptions> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        _transformer.ReportUse();
        return _transformer;
    }

    /// <summary>Returns the output columns as far as they are known without data; vector sizes are checked with data.</summary>
    /// <param name="inputSchema">The input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _transformer.FullSignature.Bind(inputSchema);
}
