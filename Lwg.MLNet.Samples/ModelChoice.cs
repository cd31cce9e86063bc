using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Samples;

/// <summary>The models that the command line asks for: generator, body and, by choice, an estimator of SMPL numbers.</summary>
internal sealed class ModelChoice : IDisposable
{
    /// <summary>The generator that needs no learning.</summary>
    public const string Texture = "texture";

    /// <summary>Our own weights where they are there, and <see cref="Texture"/> where not.</summary>
    public const string Default = "default";

    /// <summary>The body in a folder that 'import' made.</summary>
    public const string BodyFile = "body.npz";

    private const int DefaultSize = 256;

    private ModelChoice(ITransferGenerator generator, BodyModel body, LearnedSmplEstimator? estimator) =>
        (Generator, Body, Estimator) = (generator, body, estimator);

    /// <summary>The folder of our own weights, which are copied beside the program.</summary>
    public static string OwnGenerator { get; } = Path.Combine(AppContext.BaseDirectory, "models", "generator");

    /// <summary>The folder of our own estimator, which is copied beside the program.</summary>
    public static string OwnEstimator { get; } = Path.Combine(AppContext.BaseDirectory, "models", "estimator");

    public ITransferGenerator Generator { get; }

    public BodyModel Body { get; }

    /// <summary>Null where there is none, and the body is fitted to key points.</summary>
    public LearnedSmplEstimator? Estimator { get; }

    /// <summary>Whether it finds people in whole photographs, as our own does.</summary>
    public bool FindsPeople => Estimator is { MaskSize: > 0 };

    /// <summary>The column of the person's mask, where the estimator makes it.</summary>
    public string? MaskColumn(string prefix, bool marked) => FindsPeople && !marked ? prefix + "PersonMask" : null;

    /// <summary>What the user should know of the choice; null for nothing.</summary>
    public string? Remark { get; private init; }

    /// <summary>The size for which the generator was trained.</summary>
    public int PreferredSize => (Generator as LiquidWarpingGenerator)?.Package.Manifest.ImageSize ?? DefaultSize;

    /// <summary>Published generators are composed as their authors compose; our own blend the face.</summary>
    public FrontWarpMode FrontWarp =>
        Generator is LiquidWarpingGenerator { Package.Manifest.Background: BackgroundComposition.WholePicture } ? FrontWarpMode.AsPublished : FrontWarpMode.Blend;

    /// <summary>Loads what the settings name.</summary>
    /// <exception cref="LwgException">A file is missing or damaged, or they do not go together.</exception>
    public static ModelChoice Load(PersonSettings settings)
    {
        BodyModel body = BodyOf(settings);
        LearnedSmplEstimator? estimator = settings.Estimator is { } chosen ? EstimatorOf(chosen, settings.References) : Directory.Exists(OwnEstimator) ? EstimatorOf(OwnEstimator, references: false) : null;
        ITransferGenerator generator = GeneratorOf(settings, body);
        var choice = new ModelChoice(generator, settings.References && !body.IsOwn ? body.ByReference() : body, estimator)
        {
            Remark = settings.Generator == Default && generator is TextureWarpGenerator ? $"There are no weights in {OwnGenerator}: the pictures are made by rule (--generator {Texture})." : null,
        };
        if (generator.BodyHash != body.Hash)
        {
            choice.Dispose();
            throw new BodyMismatchException($"The generator '{settings.Generator}' reads maps of the body with the hash {generator.BodyHash}, but '{body.Source}' has {body.Hash}; name its body by --body, or choose --generator {Texture}.");
        }
        int size = settings.Size ?? choice.PreferredSize;
        // Larger pictures are sharpened by the source: the network itself works at the size of its training.
        bool networkSize = size < choice.PreferredSize || choice.FrontWarp != FrontWarpMode.Blend;
        if (generator is LiquidWarpingGenerator { Shape.Multiple: var multiple } && networkSize && size % multiple != 0)
        {
            choice.Dispose();
            throw new LwgException($"--size is {size}, but the pictures of the generator '{settings.Generator}' have sides that are multiples of {multiple}.");
        }
        return choice;
    }

    public void Dispose()
    {
        (Generator as IDisposable)?.Dispose();
        Estimator?.Dispose();
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

    private static ITransferGenerator GeneratorOf(PersonSettings settings, BodyModel body)
    {
        if (settings.Generator == Texture)
            return new TextureWarpGenerator(body);
        if (settings.Generator != Default)
            return Open(FolderOf(settings.Generator, ModelKind.Generator));
        return Directory.Exists(OwnGenerator) ? Open(OwnGenerator) : new TextureWarpGenerator(body);

        LiquidWarpingGenerator Open(string folder) => new(Referred(ModelPackage.LoadFolder(folder), settings.References));
    }

    private static LearnedSmplEstimator EstimatorOf(string path, bool references)
    {
        if (Directory.Exists(path))
            return new LearnedSmplEstimator(Referred(ModelPackage.LoadFolder(FolderOf(path, ModelKind.SmplEstimator)), references));
        using var checkpoint = Checkpoints.TorchCheckpoint.Open(path);
        return new LearnedSmplEstimator(LearnedSmplEstimator.FromHmr(checkpoint, ImportRun.UnknownLicence, [ImportRun.OriginOf(path)]));
    }

    private static ModelPackage Referred(ModelPackage package, bool references) => references && !package.Manifest.Redistributable ? package.ByReference() : package;
}
