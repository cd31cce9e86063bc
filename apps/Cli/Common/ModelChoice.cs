using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Importing;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Cli;

/// <summary>The models that the command line selects: generator, body and estimator.</summary>
internal sealed class ModelChoice : IDisposable
{
    /// <summary>The generator without trained weights.</summary>
    public const string Texture = "texture";

    /// <summary>The built-in trained weights.</summary>
    public const string Default = "default";

    /// <summary>The body's file in a folder that 'import' made.</summary>
    public const string BodyFile = ImportRun.BodyFile;

    private const int DefaultSize = 256;

    private readonly Lazy<SmplEstimator> _estimator;
    private bool _isPhotograph;

    private ModelChoice(TransferGenerator generator, BodyModel body, Lazy<SmplEstimator> estimator) =>
        (Generator, Body, _estimator) = (generator, body, estimator);

    public TransferGenerator Generator { get; }

    public BodyModel Body { get; }

    /// <summary>The estimator of people, opened on first use.</summary>
    public SmplEstimator Estimator => _estimator.Value;

    /// <summary>The identity of the estimator.</summary>
    public string EstimatorHash => Estimator.Package?.Hash ?? Estimator.GetType().Name;

    /// <summary>Whether given key points are fitted and nothing is estimated. The built-in estimator is less precise than given key
    /// points.</summary>
    public required bool FitsKeypoints { get; init; }

    /// <summary>Whether the estimator finds people in whole photographs, as the built-in one does.</summary>
    public bool FindsPeople => Estimator.MaskSize > 0;

    /// <summary>Returns the column of the person's mask; null if the estimator makes none.</summary>
    public string? MaskColumn(string prefix, bool marked) =>
        marked ? MasksMarked ? prefix + "PersonMask" : null : FindsPeople ? prefix + "PersonMask" : null;

    /// <summary>Whether the network computes the mask of a person with given key points: only BlazePose does, and only in photographs.
    /// The painted people need no mask, and the mask of the built-in estimator is too coarse.</summary>
    public bool MasksMarked => _isPhotograph && FitsKeypoints && Estimator is BlazePoseEstimator;

    /// <summary>Whether a box selects the person in the source's photograph.</summary>
    public bool HasBox { get; private init; }

    /// <summary>The index of the selected person in the source's photograph; null if only one person is expected.</summary>
    public int? PersonIndex { get; private init; }

    /// <summary>Whether unclear people are accepted.</summary>
    public bool AcceptsUnclear { get; private init; }

    /// <summary>The size for which the generator was trained.</summary>
    public int PreferredSize => (Generator as LiquidWarpingGenerator)?.Package.Manifest.ImageSize ?? DefaultSize;

    /// <summary>The identity of the generator.</summary>
    public string GeneratorHash => Generator is LiquidWarpingGenerator learned
        ? learned.Package.Hash + (learned.Runtime.Precision == NetworkPrecision.Full ? "" : $", {learned.Runtime.Precision}") : Texture;

    /// <summary>Whether the generator is a published one, which runs as in its authors' code.</summary>
    public bool AsPublished => Generator is LiquidWarpingGenerator { Package.Manifest.Background: BackgroundComposition.WholePicture };

    /// <summary>The face composition: as published for published generators, blended for the built-in one.</summary>
    public FrontWarpMode FrontWarp => AsPublished ? FrontWarpMode.AsPublished : FrontWarpMode.Blend;

    /// <summary>Loads the models of the settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="output">Receives one warning if there is no GPU.</param>
    /// <param name="oneThread">Whether each of the generator's networks uses one thread, for pictures that are made in parallel.</param>
    /// <exception cref="LwgException">A file is missing or damaged, or the models do not match.</exception>
    public static ModelChoice Load(PersonSettings settings, TextWriter output, bool oneThread = false)
    {
        NetworkRuntimeOptions runtime = settings.Device.Runtime(output);
        BodyModel body = BodyOf(settings);
        // A named estimator is opened at once, so that an invalid file is reported before the work starts.
        SmplEstimator? named = settings.Estimator is null ? null : EstimatorOf(settings.Estimator, settings.References, runtime);
        TransferGenerator generator = GeneratorOf(settings, body,
            runtime with { Precision = settings.Precision, IntraOpNumThreads = oneThread ? 1 : null });
        var choice = new ModelChoice(generator, settings.References && !body.IsOwn ? body.ByReference()
            : body, new(() => named ?? PersonEstimators.Best(runtime)))
        {
            FitsKeypoints = named is null or { MaskSize: > 0 },
            _isPhotograph = settings.Source is not null,
            HasBox = settings.Box is not null,
            PersonIndex = settings.PersonIndex,
            AcceptsUnclear = settings.AcceptUnclear,
        };
        if (generator.BodyHash != body.Hash)
        {
            choice.Dispose();
            throw new BodyMismatchException(
                $"The generator '{settings.Generator}' reads maps of the body with the hash {generator.BodyHash}, but '{body.Source}' "
                + $"has {body.Hash}; name its body by --body, or choose --generator {Texture}.");
        }
        int size = settings.Size ?? choice.PreferredSize;
        // In larger pictures the network works at its training size, and the source adds sharpness.
        bool networkSize = size < choice.PreferredSize || choice.FrontWarp != FrontWarpMode.Blend;
        if (generator is LiquidWarpingGenerator { Shape.Multiple: var multiple } && networkSize && size % multiple != 0)
        {
            choice.Dispose();
            throw new LwgException($"--size is {size}, but the pictures of the generator '{settings.Generator}' have sides that are "
                + $"multiples of {multiple}.");
        }
        return choice;
    }

    public void Dispose()
    {
        (Generator as IDisposable)?.Dispose();
        if (_estimator.IsValueCreated)
            (_estimator.Value as IDisposable)?.Dispose();
    }

    /// <summary>Returns the folder of a model of the given kind: the folder itself, or the one that 'import' made in it.</summary>
    public static string FolderOf(string folder, ModelKind kind) =>
        File.Exists(Path.Combine(folder, ModelPackage.ManifestName)) ? folder : Path.Combine(folder, ImportRun.FolderName(kind));

    // SMPL's files contain no texture coordinates; the folder that 'import' made does.
    private static BodyModel BodyOf(PersonSettings settings)
    {
        string imported = Path.Combine(settings.Generator, BodyFile);
        BodyModel? fromFolder = File.Exists(imported) ? BodyModel.Load(imported) : null;
        if (settings.Body is null)
            return fromFolder ?? BodyModel.Default;
        BodyModel body = BodyModel.Load(settings.Body);
        return !body.Surface.HasCondition && fromFolder is not null ? body.WithSurfaceOf(fromFolder) : body;
    }

    private static TransferGenerator GeneratorOf(PersonSettings settings, BodyModel body, NetworkRuntimeOptions runtime)
    {
        if (settings.Generator == Texture)
            return new TextureWarpGenerator(body);
        if (settings.Generator != Default)
            return new LiquidWarpingGenerator(
                Referred(ModelPackage.LoadFolder(FolderOf(settings.Generator, ModelKind.Generator)), settings.References), runtime);
        return OwnModels.OpenGenerator(runtime);
    }

    private static SmplEstimator EstimatorOf(string path, bool references, NetworkRuntimeOptions runtime)
    {
        if (!Path.Exists(path))
            return PersonEstimators.Open(path, runtime);
        if (Directory.Exists(path))
            return SmplEstimator.Open(Referred(ModelPackage.LoadFolder(FolderOf(path, ModelKind.SmplEstimator)), references), runtime);
        using var checkpoint = Checkpoints.TorchCheckpoint.Open(path);
        return new LearnedSmplEstimator(LearnedSmplEstimator.FromHmr(checkpoint, ImportOptions.UnknownLicence, [ImportRun.OriginOf(path)]),
            runtime);
    }

    private static ModelPackage Referred(ModelPackage package, bool references) =>
        references && !package.Manifest.Redistributable ? package.ByReference() : package;
}
