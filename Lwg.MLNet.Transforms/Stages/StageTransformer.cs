using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms.Persistence;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>
/// A stage: reads columns of a row, computes, adds columns. Immutable and safe to share between threads and prediction engines: what
/// changes from row to row lives in the cursor. It can be saved by mlContext.Model.Save, with all that it needs, and loaded by an
/// application that registers nothing.
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

    /// <summary>Always true: a row of the result needs one row of the input.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>The stage's name, which is its method in the catalog: what it is saved under and what errors call it.</summary>
    public string StageName { get; }

    internal StageOptions StageOptions { get; }

    /// <summary>The body that the stage keeps; saved once for all stages of a model that keep it.</summary>
    internal BodyModel? Body { get; }

    /// <summary>The network that the stage keeps; saved once for all stages of a model that keep it.</summary>
    internal StageNetwork? Network { get; }

    internal abstract StageSignature Signature { get; }

    /// <summary>The signature with the statuses that tell which rows are left out, and with what the stage does not pass on.</summary>
    internal StageSignature FullSignature => Signature with
    {
        Stage = Title,
        Inputs = StageOptions.LeavesOutUnreadable ? [.. Signature.Inputs.Select(i => i.IsImage ? i.Missable() : i)] : Signature.Inputs,
        Statuses = [.. StageOptions.StatusColumnNames.Select(name => StageColumn.Status(name))],
        Hidden = StageOptions.HiddenColumnNames ?? [],
    };

    // Over data without the column that the chain goes without, the stage reads nothing and makes nothing.
    private StageSignature SignatureOver(DataViewSchema schema) =>
        StageOptions.SkippedWithout is { } column && schema.GetColumnOrNull(column) is null
        ? FullSignature with { Inputs = [], Outputs = [], Statuses = [], Hidden = [] }
        : FullSignature;

    /// <summary>What errors call the stage: its name and, in a chain, that of the method which the user called. It stands between quotation
    /// marks.</summary>
    internal string Title => StageOptions.ChainName is { } chain ? $"{StageName}' of '{chain}" : StageName;

    private protected IHost Host { get; }

    internal abstract StageKernel CreateKernel(StageBuffers buffers);

    /// <summary>Throws if the stage holds something that cannot be put into a model file.</summary>
    internal virtual void CheckSavable() { }

    /// <summary>What makes the stage's pictures; null where it makes none.</summary>
    internal virtual GeneratorKind? GeneratorKind => null;

    /// <summary>The people that the stage has learned, to be saved with it; null for none.</summary>
    internal virtual IReadOnlyDictionary<string, Subject>? People => null;

    /// <summary>Whether a chain made it.</summary>
    internal bool IsInChain => StageOptions.ChainName is not null;

    /// <summary>Tells mlContext.Log.</summary>
    internal void Report(string message)
    {
        using IChannel channel = Host.Start(StageName);
        channel.Info(MessageSensitivity.None, message);
    }

    /// <summary>Tells mlContext.Log which columns are read and made, and by which model.</summary>
    internal void ReportUse() => Report(
        $"Stage '{Title}' reads {string.Join(", ", Signature.Inputs.Select(c => c.Name))} and makes "
        + $"{string.Join(", ", Signature.Outputs.Select(c => c.Name))}"
        + (Network is { Package: var package, Runtime: var runtime }
        ? $", by the model {package.Source} ({package.Hash[..12]}, {(runtime.GpuDeviceId is { } device ? $"CUDA device "
        + $"{device}" : "CPU")})." : "."));

    /// <summary>Warns through mlContext.Log of a row that is left out because of its picture, whoever asks for it how often.</summary>
    internal void WarnOnce(long position, string column, string reason)
    {
        lock (_unreadable)
        {
            if (_unreadable.Count >= 1000 || !_unreadable.Add((position, reason)))
                return;
        }
        Warn($"Stage '{Title}': row {position} is left out, since column '{column}' has no picture that can be read: {reason}");
    }

    private readonly HashSet<(long, string)> _unreadable = [];

    /// <summary>Warns through mlContext.Log.</summary>
    internal void Warn(string message)
    {
        using IChannel channel = Host.Start(StageName);
        channel.Warning(MessageSensitivity.None, message);
    }

    /// <summary>Checks the columns that come in and says which come out.</summary>
    /// <param name="inputSchema">The columns that come in.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type or size; the message names column, expected,
    /// found and stage.</exception>
    /// <exception cref="BodyMismatchException">Columns belong to another body than the stage's, or to different ones.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => SignatureOver(inputSchema).Bind(inputSchema).OutputSchema;

    /// <summary>Data seen through the stage: nothing is computed before a cursor asks.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentOutOfRangeException">As <see cref="GetOutputSchema"/>.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new StageDataView(input, new StageMapper(this, SignatureOver(input.Schema).Bind(input.Schema)));
    }

    /// <summary>The stage over one input schema, for single rows.</summary>
    /// <param name="inputSchema">The columns that come in.</param>
    /// <exception cref="ArgumentOutOfRangeException">As <see cref="GetOutputSchema"/>.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) =>
        new StageMapper(this, SignatureOver(inputSchema).Bind(inputSchema));

    void ICanSaveModel.Save(ModelSaveContext ctx) => StageFile.Save(ctx, this);
}

/// <summary>A stage with options of its own kind.</summary>
/// <typeparam name="TOptions">The kind of options.</typeparam>
public abstract class StageTransformer<TOptions> : StageTransformer where TOptions : StageOptions
{
    private protected StageTransformer(IHostEnvironment environment, string stageName, TOptions options, BodyModel? body = null,
        StageNetwork? network = null)
        : base(environment, stageName, options, body, network) => Options = options;

    /// <summary>The stage's options.</summary>
    public TOptions Options { get; }
}
