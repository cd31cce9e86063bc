using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Importing;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Cli;

/// <summary>The models that the command line asks for: generator, body and estimator.</summary>
internal sealed class ModelChoice : IDisposable
{
    /// <summary>The generator that needs no learning.</summary>
    public const string Texture = "texture";

    /// <summary>Our own weights.</summary>
    public const string Default = "default";

    /// <summary>The body in a folder that 'import' made.</summary>
    public const string BodyFile = ImportRun.BodyFile;

    private const int DefaultSize = 256;

    private readonly Lazy<SmplEstimator> _estimator;
    private bool _isPhotograph;

    private ModelChoice(TransferGenerator generator, BodyModel body, Lazy<SmplEstimator> estimator) =>
        (Generator, Body, _estimator) = (generator, body, estimator);

    public TransferGenerator Generator { get; }

    public BodyModel Body { get; }

    /// <summary>Finds or estimates people; opened when it is asked for.</summary>
    public SmplEstimator Estimator => _estimator.Value;

    /// <summary>What tells this estimator from others.</summary>
    public string EstimatorHash => Estimator.Package?.Hash ?? Estimator.GetType().Name;

    /// <summary>Whether key points that are given are fitted, and nothing is estimated: our own estimator tells less than they
    /// do.</summary>
    public required bool FitsKeypoints { get; init; }

    /// <summary>Whether the estimator finds people in whole photographs, as our own does.</summary>
    public bool FindsPeople => Estimator.MaskSize > 0;

    /// <summary>The column of the person's mask, where the estimator makes it.</summary>
    public string? MaskColumn(string prefix, bool marked) =>
        marked ? MasksMarked ? prefix + "PersonMask" : null : FindsPeople ? prefix + "PersonMask" : null;

    /// <summary>Whether the network tells the mask of a person whose key points are given: BlazePose does in photographs; our own people
    /// and the coarse mask of our own estimator do without.</summary>
    public bool MasksMarked => _isPhotograph && FitsKeypoints && Estimator is BlazePoseEstimator;

    /// <summary>Whether a box says who is meant in the source's photograph.</summary>
    public bool HasBox { get; private init; }

    /// <summary>Which of several people in the source's photograph is meant; null where there should be one.</summary>
    public int? PersonIndex { get; private init; }

    /// <summary>Whether a person who is not clear is worked on all the same.</summary>
    public bool AcceptsUnclear { get; private init; }

    /// <summary>The size for which the generator was trained.</summary>
    public int PreferredSize => (Generator as LiquidWarpingGenerator)?.Package.Manifest.ImageSize ?? DefaultSize;

    /// <summary>What tells this generator from others.</summary>
    public string GeneratorHash => Generator is LiquidWarpingGenerator learned
        ? learned.Package.Hash + (learned.Runtime.Precision == NetworkPrecision.Full ? "" : $", {learned.Runtime.Precision}") : Texture;

    /// <summary>Whether the generator is of the published kind, which runs as its authors run it.</summary>
    public bool AsPublished => Generator is LiquidWarpingGenerator { Package.Manifest.Background: BackgroundComposition.WholePicture };

    /// <summary>Published generators are composed as their authors compose; our own blend the face.</summary>
    public FrontWarpMode FrontWarp => AsPublished ? FrontWarpMode.AsPublished : FrontWarpMode.Blend;

    /// <summary>Loads what the settings name.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="output">Where it is said once that there is no GPU.</param>
    /// <param name="oneThread">Whether the generator's networks have one thread each, for pictures that are made several at a time.</param>
    /// <exception cref="LwgException">A file is missing or damaged, or they do not go together.</exception>
    public static ModelChoice Load(PersonSettings settings, TextWriter output, bool oneThread = false)
    {
        NetworkRuntimeOptions runtime = settings.Device.Runtime(output);
        BodyModel body = BodyOf(settings);
        // What the user named is opened at once, so that a wrong file is found out before the work begins.
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
        // Larger pictures are sharpened by the source: the network itself works at the size of its training.
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

    /// <summary>The folder of a model of some kind: the folder itself, or the one that 'import' made in it.</summary>
    public static string FolderOf(string folder, ModelKind kind) =>
        File.Exists(Path.Combine(folder, ModelPackage.ManifestName)) ? folder : Path.Combine(folder, ImportRun.FolderName(kind));

    // SMPL's files hold no texture coordinates; the folder that 'import' made has them.
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
