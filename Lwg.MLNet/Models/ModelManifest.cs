using System.Text.Json;
using System.Text.Json.Serialization;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Models;

/// <summary>The kind of a model.</summary>
public enum ModelKind
{
    /// <summary>A Liquid Warping GAN generator: background.onnx, source.onnx and transfer.onnx.</summary>
    Generator,

    /// <summary>An SMPL estimator like HMR: estimator.onnx.</summary>
    SmplEstimator,

    /// <summary>A background inpainter: inpainter.onnx.</summary>
    Inpainter,

    /// <summary>A third-party network that detects key points: pose.onnx.</summary>
    PoseNetwork,

    /// <summary>Google's BlazePose, which detects people, their landmarks and their mask: detector.onnx and landmarks.onnx.</summary>
    BlazePose,
}

/// <summary>How the background of a generator is composed.</summary>
public enum BackgroundComposition
{
    /// <summary>The whole picture of the network, as in the published models.</summary>
    WholePicture,

    /// <summary>The source picture outside the hole, the output of the network inside.</summary>
    AroundHole,

    /// <summary>
    /// The source picture with its hole filled by rule (<see cref="Backgrounds.BackgroundPlate"/>) and corrected by the network, whose
    /// input is the filled picture. The hole also covers the person in the mask of the source stream. Used by the models of this library.
    /// </summary>
    RefinedFill,

    /// <summary>The refined picture of an inpainter (inpainter.onnx instead of background.onnx), whose inputs are the source picture and
    /// the hole.</summary>
    Inpainted,
}

/// <summary>A file from which a model was created.</summary>
/// <param name="File">The name of the file.</param>
/// <param name="Sha256">The SHA-256 of the file, in hexadecimal.</param>
public sealed record ModelOrigin(string File, string Sha256);

/// <summary>The manifest of a model folder, manifest.json.</summary>
public sealed record ModelManifest
{
    /// <summary>The version of the schema that this library writes and reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The picture size in manifests of models that define their own input.</summary>
    internal const int AnySize = 256;

    /// <summary>The maximum number of files of a model; those of this library have at most three.</summary>
    internal const int MostFiles = 64;

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The version of the schema.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The kind of the model.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>The SHA-256 of every file except the manifest, in hexadecimal.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>The picture size of the training, pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>The hash of the body whose condition map the model reads; null if the body is irrelevant.</summary>
    public string? BodyHash { get; init; }

    /// <summary>The sizes of a generator.</summary>
    public GeneratorShape? Generator { get; init; }

    /// <summary>How the background of a generator is composed.</summary>
    public BackgroundComposition Background { get; init; }

    /// <summary>The side of the square that erodes the background, on pictures of <see cref="ImageSize"/> pixels.</summary>
    public int BackgroundKernel { get; init; } = 13;

    /// <summary>Whether that square has the same side on pictures of every size, as in the published release; false or null if it scales
    /// with the picture. True for imported generators.</summary>
    public bool? BackgroundKernelAtEverySize { get; init; }

    /// <summary>The input and output ranges of the convolutions of a generator's transfer stream, by the names of their weights; null if
    /// the model was not calibrated.</summary>
    [JsonInclude]
    internal IReadOnlyDictionary<string, ActivationRange>? ActivationRanges { get; init; }

    /// <summary>The free margin on every side of the person in the training pictures of an SMPL estimator, as a fraction of the person's
    /// extent, 0 to 2; null for other models.</summary>
    public float? PersonMargin { get; init; }

    /// <summary>The licence in manifests of weights whose licence was not named. Such weights are not redistributable.</summary>
    public const string LicenceNotNamed = "not named";

    /// <summary>The licence of the weights.</summary>
    public required string Licence { get; init; }

    /// <summary>Whether the weights may be redistributed. Saving a pipeline with weights that may not logs a warning.</summary>
    public bool Redistributable { get; init; }

    /// <summary>The files from which the model was created; empty for the models of this library.</summary>
    public IReadOnlyList<ModelOrigin> Origin { get; init; } = [];

    /// <summary>The package of the files, with its version; null if there is none.</summary>
    public string? SourcePackage { get; init; }

    /// <summary>The variant, if the model exists in several sizes; otherwise null.</summary>
    public string? Variant { get; init; }

    /// <summary>Further remarks.</summary>
    public string? Notes { get; init; }

    /// <summary>Whether a file beside a manifest may have this name: on every system a name in the same folder, and not that of the
    /// manifest.</summary>
    internal static bool IsFileName(string? name) =>
        name is { Length: > 0 and <= 100 } && !name.Any(c => char.IsControl(c) || c is '/' or '\\' or ':')
        && name.Trim('.', ' ').Length > 0 && name[^1] is not ('.' or ' ')
        && !name.Equals(ModelPackage.ManifestName, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the error of a name for which <see cref="IsFileName"/> is false.</summary>
    internal static string NotAFileName(string name) =>
        $"'{string.Concat(name.Take(100).Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : $"{c}"))}' is not a plain file name; names of "
        + $"1 to 100 characters without / \\ : and control characters are allowed, other than {ModelPackage.ManifestName}.";

    /// <summary>Writes the manifest as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <summary>Reads and checks a manifest.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="file">The name of the file, for errors.</param>
    /// <exception cref="ModelFileException">The JSON is not a manifest of this version.</exception>
    public static ModelManifest Parse(ReadOnlySpan<byte> json, string file)
    {
        ModelManifest manifest;
        try
        {
            manifest = OutsideJson.Deserialize<ModelManifest>(json, s_json) ?? throw new JsonException("It is null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new ModelFileException(file, null, "it is not a manifest of a model that this version supports: " + e.Message, e);
        }
        if (manifest.Schema != CurrentSchema)
            throw new ModelFileException(file, "schema", $"it is {manifest.Schema}; this version reads {CurrentSchema}.");
        if (manifest.ImageSize is < 32 or > 2048)
            throw new ModelFileException(file, "imageSize", $"it is {manifest.ImageSize}; 32 to 2048 pixels are allowed.");
        if (manifest.BackgroundKernel is < 1 or > 255 || manifest.BackgroundKernel % 2 == 0)
            throw new ModelFileException(file, "backgroundKernel",
                $"it is {manifest.BackgroundKernel}; odd numbers from 1 to 255 are allowed.");
        if (manifest.Files is null || manifest.Origin is null || manifest.Licence is null)
            throw new ModelFileException(file, null, "files, origin and licence must not be null.");
        if (manifest.Files.Count > MostFiles)
            throw new ModelFileException(file, "files", $"there are {manifest.Files.Count}; at most {MostFiles} are allowed.");
        foreach ((string name, string hash) in manifest.Files)
        {
            if (!IsFileName(name))
                throw new ModelFileException(file, "files", NotAFileName(name));
            if (hash is not { Length: 64 } || !hash.All(char.IsAsciiHexDigitLower))
                throw new ModelFileException(file, "files", $"the hash of '{name}' must be 64 hexadecimal digits in lower case.");
        }
        try
        {
            manifest.Generator?.Check();
        }
        catch (ArgumentException e)
        {
            throw new ModelFileException(file, "generator", e.Message, e);
        }
        if (manifest.ActivationRanges?.FirstOrDefault(r => r.Value is not { IsValid: true }).Key is { } wrong)
            throw new ModelFileException(file, "activationRanges",
                $"the range of '{wrong}' must have four finite numbers: lows of at most 0 and highs of at least 0.");
        if (manifest.Kind == ModelKind.Generator && (manifest.Generator is null || manifest.BodyHash is null))
            throw new ModelFileException(file, null, "a generator's manifest must give its sizes ('generator') and its body ('bodyHash').");
        if (manifest.Kind == ModelKind.SmplEstimator && manifest.PersonMargin is not (>= 0 and <= 2))
            throw new ModelFileException(file, "personMargin",
                "the manifest of an SMPL estimator must give the margin around the person, 0 to 2 of the person's extent.");
        if (manifest.Kind == ModelKind.BlazePose && !Enum.TryParse<BlazePoseVariant>(manifest.Variant, ignoreCase: true, out _))
            throw new ModelFileException(file, "variant",
                $"the manifest of a BlazePose model must give its variant: "
                + $"{string.Join(", ", Enum.GetNames<BlazePoseVariant>()).ToLowerInvariant()}.");
        return manifest;
    }
}
