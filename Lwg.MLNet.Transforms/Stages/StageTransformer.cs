using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms.Persistence;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>
/// A stage, which reads columns of a row, computes results and adds columns. It is immutable and can be shared between threads and
/// prediction engines; the state of a row is in the cursor. It can be saved with mlContext.Model.Save, including its dependencies, and
/// loaded by an application that registers nothing.
/// </summary>
public abstract class StageTransformer : ITransformer
{
    private protected StageTransformer(IHostEnvironment environment, string stageName, StageOptions options, BodyModel? body = null,
        StageNetwork? network = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        Host = environment.Register(stageName);
        (StageName, StageOptions, Body, Network) = (stageName, options, body, network);
        options.CheckStatuses();
    }

    /// <summary>Always true: each output row depends on one input row.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>The name of the stage, which is its method in the catalog. It is used in saved models and errors.</summary>
    public string StageName { get; }

    internal StageOptions StageOptions { get; }

    /// <summary>The stage's body; saved once for all stages of a model that share it.</summary>
    internal BodyModel? Body { get; }

    /// <summary>The stage's network; saved once for all stages of a model that share it.</summary>
    internal StageNetwork? Network { get; }

    internal abstract StageSignature Signature { get; }

    /// <summary>The signature with the status columns and the hidden columns.</summary>
    internal StageSignature FullSignature => Signature with
    {
        Stage = Title,
        Inputs = StageOptions.LeavesOutUnreadable ? [.. Signature.Inputs.Select(i => i.IsImage ? i.Missable() : i)] : Signature.Inputs,
        Statuses = [.. StageOptions.StatusColumnNames.Select(name => StageColumn.Status(name))],
        Hidden = StageOptions.HiddenColumnNames ?? [],
    };

    // For data without the column SkippedWithout, the stage has no inputs and no outputs.
    private StageSignature SignatureOver(DataViewSchema schema) =>
        StageOptions.SkippedWithout is { } column && schema.GetColumnOrNull(column) is null
        ? FullSignature with { Inputs = [], Outputs = [], Statuses = [], Hidden = [] }
        : FullSignature;

    /// <summary>The name of the stage in errors, including the method of its chain. It is placed between quotation marks.</summary>
    internal string Title => StageOptions.ChainName is { } chain ? $"{StageName}' of '{chain}" : StageName;

    private protected IHost Host { get; }

    internal abstract StageKernel CreateKernel(StageBuffers buffers);

    /// <summary>Throws if the stage cannot be saved to a model file.</summary>
    internal virtual void CheckSavable() { }

    /// <summary>The kind of the stage's generator; null if it has none.</summary>
    internal virtual GeneratorKind? GeneratorKind => null;

    /// <summary>The learned people, which are saved with the stage; null for none.</summary>
    internal virtual IReadOnlyDictionary<string, Subject>? People => null;

    /// <summary>Whether the stage belongs to a chain.</summary>
    internal bool IsInChain => StageOptions.ChainName is not null;

    /// <summary>Writes a message to mlContext.Log.</summary>
    internal void Report(string message)
    {
        using IChannel channel = Host.Start(StageName);
        channel.Info(MessageSensitivity.None, message);
    }

    /// <summary>Writes the input and output columns and the model to mlContext.Log.</summary>
    internal void ReportUse() => Report(
        $"Stage '{Title}' reads {string.Join(", ", Signature.Inputs.Select(c => c.Name))} and creates "
        + $"{string.Join(", ", Signature.Outputs.Select(c => c.Name))}"
        + (Network is { Package: var package, Runtime: var runtime }
        ? $", by the model {package.Source} ({package.Hash[..12]}, {(runtime.GpuDeviceId is { } device ? $"CUDA device "
        + $"{device}" : "CPU")})." : "."));

    /// <summary>Writes one warning to mlContext.Log for a row that is skipped because of its picture, however often the row is
    /// read.</summary>
    internal void WarnOnce(long position, string column, string reason)
    {
        lock (_unreadable)
        {
            if (_unreadable.Count >= 1000 || !_unreadable.Add((position, reason)))
                return;
        }
        Warn($"Stage '{Title}': row {position} is skipped, since column '{column}' has no readable picture: {reason}");
    }

    private readonly HashSet<(long, string)> _unreadable = [];

    /// <summary>Writes a warning to mlContext.Log.</summary>
    internal void Warn(string message)
    {
        using IChannel channel = Host.Start(StageName);
        channel.Warning(MessageSensitivity.None, message);
    }

    /// <summary>Checks the input columns and returns the output columns.</summary>
    /// <param name="inputSchema">The input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type or size; the message gives the column, the
    /// expected and actual type, and the stage.</exception>
    /// <exception cref="BodyMismatchException">Columns belong to a different body than the stage's, or to different bodies.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => SignatureOver(inputSchema).Bind(inputSchema).OutputSchema;

    /// <summary>Transforms data; nothing is computed until a cursor reads it.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentOutOfRangeException">As <see cref="GetOutputSchema"/>.</exception>
    /// <exception cref="BodyMismatchException">As <see cref="GetOutputSchema"/>.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new StageDataView(input, new StageMapper(this, SignatureOver(input.Schema).Bind(input.Schema)));
    }

    /// <summary>Returns the stage bound to an input schema, for single rows.</summary>
    /// <param name="inputSchema">The input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">As <see cref="GetOutputSchema"/>.</exception>
    /// <exception cref="BodyMismatchException">As <see cref="GetOutputSchema"/>.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) =>
        new StageMapper(this, SignatureOver(inputSchema).Bind(inputSchema));

    void ICanSaveModel.Save(ModelSaveContext ctx) => StageFile.Save(ctx, this);
}

/// <summary>A stage with typed options.</summary>
/// <typeparam name="TOptions">The type of the options.</typeparam>
public abstract class StageTransformer<TOptions> : StageTransformer where TOptions : StageOptions
{
    private protected StageTransformer(IHostEnvironment environment, string stageName, TOptions options, BodyModel? body = null,
        StageNetwork? network = null)
        : base(environment, stageName, options, body, network) => Options = options;

    /// <summary>The stage's options.</summary>
    public TOptions Options { get; }
}
