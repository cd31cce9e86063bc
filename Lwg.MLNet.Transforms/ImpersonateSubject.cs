using System.Text.Json.Serialization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms.Persistence;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>ImpersonateSubject</c>.</summary>
public sealed class ImpersonateSubjectOptions : StageOptions
{
    /// <summary>The prefix of the output columns: prefix + Image, S x S, and Smpl [85].</summary>
    public string OutputPrefix { get; init; } = "Target";

    /// <summary>The pictures, S x S; read by Fit only.</summary>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>SMPL parameters [85]: in Fit those of the person in the picture, in Transform those to imitate.</summary>
    public string SmplColumnName { get; init; } = "Smpl";

    /// <summary>
    /// An estimator's person mask of the picture, a grid [M,M] over the square (EstimateSmpl's PersonMask); read by Fit only, null for
    /// none. The mask is removed from the background. Pixels outside the mask are not used as the person; the nearest pixel inside is
    /// used instead, unless the mask covers less than 60 % of the body's silhouette.
    /// </summary>
    public string? PersonMaskColumnName { get; init; }

    /// <summary>The key of the person, a text: in Fit the person in the picture, in Transform the person to show. Null for a single
    /// person.</summary>
    public string? KeyColumnName { get; init; }

    /// <summary>The SMPL parameters [85] of the reference's first frame, for <see cref="CameraStrategy.Smooth"/>; required in Fit too.
    /// Null for none.</summary>
    public string? OriginColumnName { get; init; }

    /// <summary>How the camera is chosen from that of the first picture and that of the reference; <see cref="CameraStrategy.Smooth"/>
    /// needs <see cref="OriginColumnName"/>.</summary>
    public CameraStrategy Strategy { get; init; } = CameraStrategy.Source;

    /// <summary>Fine-tunes the generator on the people; null for no training.</summary>
    [JsonIgnore]
    public ISubjectTuner? Tuner { get; init; }

    /// <summary>Cancels a long Fit.</summary>
    [JsonIgnore]
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Receives the progress of a long Fit line by line; mlContext.Log reports the same at the end. Null for none.</summary>
    [JsonIgnore]
    public IProgress<string>? Progress { get; init; }

    internal override void Check()
    {
        ArgumentNullException.ThrowIfNull(OutputPrefix);
        CheckEnum(Strategy, nameof(Strategy));
        if ((Strategy == CameraStrategy.Smooth) != (OriginColumnName is not null))
            throw new ArgumentException($"{nameof(OriginColumnName)} is required by {nameof(CameraStrategy.Smooth)} and not used "
                + $"otherwise; {nameof(Strategy)} is {Strategy} and the column '{OriginColumnName}'.");
    }

    /// <summary>Returns the input columns of the fitted stage.</summary>
    internal List<StageColumn> Inputs()
    {
        List<StageColumn> inputs = [StageColumn.Smpl(SmplColumnName)];
        if (OriginColumnName is not null)
            inputs.Add(StageColumn.Smpl(OriginColumnName));
        if (KeyColumnName is not null)
            inputs.Add(StageColumn.Text(KeyColumnName));
        return inputs;
    }

    internal List<StageColumn> Outputs() => [StageColumn.Image(OutputPrefix + "Image", "S,S"), StageColumn.Smpl(OutputPrefix + "Smpl")];
}

/// <summary>Learns people from pictures to show them in other poses.</summary>
internal sealed class ImpersonateSubjectEstimator : IEstimator<StageTransformer<ImpersonateSubjectOptions>>
{
    // A difference larger than lighting explains.
    private const float OtherPerson = 0.5f;

    private readonly IHostEnvironment _environment;
    private readonly ImpersonateSubjectOptions _options;
    private readonly BodyModel _body;
    private readonly LiquidWarpingGenerator? _network;
    private readonly StageSignature _read, _made;

    internal ImpersonateSubjectEstimator(IHostEnvironment environment, ImpersonateSubjectOptions options, BodyModel body,
        TransferGenerator? generator)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        (_environment, _options, _body) = (environment, options, body);
        _network = generator switch
        {
            null or TextureWarpGenerator => null,
            LiquidWarpingGenerator learned => learned,
            SharpGenerator sharp => sharp.Network,
            _ => throw new ArgumentException(
                $"The generator must be the texture warp or a learned generator, not a {generator.GetType().Name}.",
                nameof(generator)),
        };
        if (_network is null && options.Tuner is not null)
            throw new ArgumentException($"{nameof(options.Tuner)} trains a learned generator, but there is none.", nameof(generator));
        if (options.Tuner is not null && _network!.Runtime.Precision != NetworkPrecision.Full)
            throw new ArgumentException($"{nameof(options.Tuner)} changes the generator's weights, which invalidates its calibration; "
                + $"tune it in full precision.", nameof(generator));
        string hash = _network?.BodyHash ?? body.Hash;
        if (hash != body.Hash)
            throw new BodyMismatchException(
                $"The generator reads maps of the body with the hash {hash}, but '{body.Source}' has {body.Hash}.");
        _read = new StageSignature { Stage = ImpersonateSubjectTransformer.Name,
            Inputs = [StageColumn.Image(options.ImageColumnName, "S,S"), .. options.Inputs(),
            .. StageColumn.PersonMask(options.PersonMaskColumnName)], Outputs = options.Outputs() };
        _made = new StageSignature { Stage = ImpersonateSubjectTransformer.Name, Inputs = options.Inputs(), Outputs = options.Outputs() };
    }

    /// <summary>Learns the people.</summary>
    /// <param name="input">One row per picture. The first picture of a person determines the background and the camera of the
    /// results.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type; the message gives the column, the expected
    /// and actual type, and the stage.</exception>
    /// <exception cref="ArgumentException">There are no rows, or a person has too many pictures.</exception>
    /// <exception cref="ImageInputException">A row has no picture, or one of another size.</exception>
    public StageTransformer<ImpersonateSubjectOptions> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _read.Bind(input.Schema);
        var (views, size) = Read(input);
        var subjects = new Dictionary<string, Subject>();
        foreach ((string name, List<SubjectView> pictures) in views)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            subjects[name] = Subject.Learn(_body, pictures, size);
            _options.Progress?.Report($"Learned {(name.Length > 0 ? $"'{name}'" : "the person")} from {pictures.Count} pictures.");
        }
        var told = new List<string>();
        ModelPackage? tuned = _options.Tuner?.Tune(_network!.Package, _body, [.. subjects.Values], Tell, _options.CancellationToken);
        LiquidWarpingGenerator? network = tuned is null || tuned == _network!.Package ? _network
            : new LiquidWarpingGenerator(tuned, _network.Runtime);
        var fitted = new ImpersonateSubjectTransformer(_environment, _options, _body, network, subjects);
        told.ForEach(fitted.Report);
        foreach ((string name, Subject subject) in subjects.Where(s => s.Value.Disagreement > OtherPerson))
            fitted.Warn($"The pictures{(name.Length > 0 ? $" of '{name}'" : "")} differ by {subject.Disagreement:0.0} where they show the "
                + $"same part of the body: if they show several people, set {nameof(_options.KeyColumnName)}.");
        fitted.ReportUse();
        if (tuned is not null && network == _network)
            fitted.Warn("Tuning did not improve the people's own pictures; the generator is unchanged.");
        return fitted;

        void Tell(string line)
        {
            told.Add(line);
            _options.Progress?.Report(line);
        }
    }

    /// <summary>Returns the output columns as far as they are known without data.</summary>
    /// <param name="inputSchema">The input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _read.Bind(inputSchema);
        return _made.Bind(inputSchema);
    }

    private (Dictionary<string, List<SubjectView>> Views, int Size) Read(IDataView input)
    {
        DataViewSchema.Column image = input.Schema[_options.ImageColumnName], smpl = input.Schema[_options.SmplColumnName];
        DataViewSchema.Column? key = _options.KeyColumnName is { } name ? input.Schema[name] : null;
        var views = new Dictionary<string, List<SubjectView>>();
        int size = 0;
        DataViewSchema.Column? mask = _options.PersonMaskColumnName is { } maskName ? input.Schema[maskName] : null;
        using DataViewRowCursor cursor =
            input.GetRowCursor([image, smpl, .. key is null ? [] : (DataViewSchema.Column[])[key.Value], .. mask is null ? []
            : (DataViewSchema.Column[])[mask.Value]]);
        var pictures = new ImageInput(_read.Stage, _read.Inputs[0], 0, 0);
        var numbers = new VectorInput<float>(_read.Stage, _read.Inputs[1], SmplLayout.ParameterCount);
        TextInput? names = key is null ? null : new TextInput(_read.Stage, _read.Inputs[_options.Inputs().Count]);
        VectorInput<float>? masks = mask is null ? null
            : new VectorInput<float>(_read.Stage, _read.Inputs[^1], ((VectorDataViewType)mask.Value.Type).Size);
        pictures.Connect(cursor, image);
        numbers.Connect(cursor, smpl);
        if (key is not null)
            names!.Connect(cursor, key.Value);
        if (mask is not null)
            masks!.Connect(cursor, mask.Value);
        while (cursor.MoveNext())
        {
            pictures.Read();
            numbers.Read();
            names?.Read();
            masks?.Read();
            (int width, int height) = (pictures.Image.Width, pictures.Image.Height);
            size = size == 0 ? width : size;
            if (width != size || height != size || size is < 32 or > 2048)
                throw new ImageInputException($"Stage '{_read.Stage}': row {cursor.Position} has an image of {width} x {height} pixels; "
                    + $"all must be square, of one size, 32 to 2048 pixels a side; CropPerson makes them.");
            float[] tensor = new float[3 * size * size];
            pictures.ToTensor(tensor);
            string who = names?.Value ?? "";
            if (!views.TryGetValue(who, out List<SubjectView>? list))
                views[who] = list = [];
            list.Add(new SubjectView([.. numbers.Values], tensor) { PersonMask = masks is null ? null : [.. masks.Values] });
        }
        return views.Count > 0 ? (views, size)
            : throw new ArgumentException($"Stage '{_read.Stage}' needs at least one picture of a person, but there are no rows.",
            nameof(input));
    }
}

/// <summary>Shows learned people in other poses: see <see cref="SubjectGenerator"/>.</summary>
internal sealed class ImpersonateSubjectTransformer : StageTransformer<ImpersonateSubjectOptions>
{
    internal const string Name = "ImpersonateSubject";

    private readonly BodyModel _body;
    private readonly LiquidWarpingGenerator? _network;

    internal ImpersonateSubjectTransformer(
        IHostEnvironment environment, ImpersonateSubjectOptions options, BodyModel body, LiquidWarpingGenerator? network,
        IReadOnlyDictionary<string, Subject> subjects)
        : base(environment, Name, options, body, network is null ? null : new StageNetwork(network.Package, network.Runtime))
    {
        (_body, _network, Subjects) = (body, network, subjects);
        Signature = new StageSignature { Stage = Name, Inputs = options.Inputs(), Outputs = options.Outputs(),
            Sizes = new Dictionary<string, int> { ["S"] = subjects.Values.First().Size } };
    }

    /// <summary>The people by key; a single person with an empty key if there is no key column.</summary>
    public IReadOnlyDictionary<string, Subject> Subjects { get; }

    internal override StageSignature Signature { get; }

    internal override GeneratorKind? GeneratorKind =>
        _network is null ? Persistence.GeneratorKind.TextureWarp : Persistence.GeneratorKind.LiquidWarping;

    internal override IReadOnlyDictionary<string, Subject> People => Subjects;

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        int size = Signature.Sizes["S"];
        float[] reference = buffers.Input<float>(Options.SmplColumnName), target = buffers.Output<float>(Options.OutputPrefix + "Smpl");
        float[] origin = Options.OriginColumnName is { } column ? buffers.Input<float>(column) : [];
        TextInput? key = Options.KeyColumnName is { } name ? buffers.InputText(name) : null;
        var result = new TransferResult(size);
        buffers.OutputImage(Options.OutputPrefix + "Image").From(result.Image, size);
        var maps = new ViewMaps(_body, size);
        var current = new CurrentPerson();
        return new StageKernel(
            Compute: () =>
            {
                string who = key?.Value ?? "";
                if (!Subjects.TryGetValue(who, out Subject? subject))
                    throw new LwgException($"Stage '{Title}': column '{Options.KeyColumnName}' has '{who}', but the learned people "
                        + $"are {string.Join(", ", Subjects.Keys.Select(k => $"'{k}'"))}.");
                Retargeting.Retarget(subject.Views[0].Smpl, reference, origin, Options.Strategy, target);
                maps.Draw(target);
                current.WorkerOf(subject, () => new SubjectGenerator(subject, _body, _network).CreateWorker(size))
                    .Generate(new TransferFrame { TargetFaceIndex = maps.FaceIndex, TargetWeights = maps.Weights }, result);
            },
            Owned: current);
    }

    /// <summary>Keeps the worker of the last person: rows of one person are usually consecutive.</summary>
    private sealed class CurrentPerson : IDisposable
    {
        private Subject? _subject;
        private ITransferWorker? _worker;

        public ITransferWorker WorkerOf(Subject subject, Func<ITransferWorker> make)
        {
            if (!ReferenceEquals(subject, _subject))
            {
                _worker?.Dispose();
                (_worker, _subject) = (null, null);
                _worker = make();
                _subject = subject;
            }
            return _worker!;
        }

        public void Dispose() => _worker?.Dispose();
    }
}
