using System.Text.Json;
using System.Text.Json.Serialization;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Models;

/// <summary>What a model is made of.</summary>
public enum ModelKind
{
    /// <summary>A Liquid Warping GAN generator: background.onnx, source.onnx and transfer.onnx.</summary>
    Generator,

    /// <summary>A SMPL estimator in HMR's manner: estimator.onnx.</summary>
    SmplEstimator,

    /// <summary>A background inpainter: inpainter.onnx.</summary>
    Inpainter,

    /// <summary>A network of others that finds key points: pose.onnx.</summary>
    PoseNetwork,

    /// <summary>Google's BlazePose, which finds people, their landmarks and their mask: detector.onnx and landmarks.onnx.</summary>
    BlazePose,
}

/// <summary>How a generator's background is made.</summary>
public enum BackgroundComposition
{
    /// <summary>The network's whole picture: the published models.</summary>
    WholePicture,

    /// <summary>The source picture outside the hole, the network's inside.</summary>
    AroundHole,

    /// <summary>
    /// The source picture with its hole filled by rule (<see cref="Generation.BackgroundPlate"/>) and corrected by the network, which sees
    /// the filled picture; the hole also covers what the source stream's own mask says is the person: our own models.
    /// </summary>
    RefinedFill,

    /// <summary>The refined picture of an inpainter (inpainter.onnx in place of background.onnx), which sees the source picture and the
    /// hole.</summary>
    Inpainted,
}

/// <summary>A file that a model came from.</summary>
/// <param name="File">Its name.</param>
/// <param name="Sha256">The SHA-256 of its bytes, in hexadecimal.</param>
public sealed record ModelOrigin(string File, string Sha256);

/// <summary>The manifest of a model folder, manifest.json.</summary>
public sealed record ModelManifest
{
    /// <summary>The schema that this version writes and reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The picture size of models that say themselves what they read.</summary>
    internal const int AnySize = 256;

    /// <summary>How many files a model may have; ours have three at most.</summary>
    internal const int MostFiles = 64;

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The schema's version.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>What it is.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>The SHA-256 of every file beside the manifest, in hexadecimal.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>The picture size it was trained for, pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>The hash of the body whose condition map it reads; null where that does not matter.</summary>
    public string? BodyHash { get; init; }

    /// <summary>A generator's sizes.</summary>
    public GeneratorShape? Generator { get; init; }

    /// <summary>How a generator's background is made.</summary>
    public BackgroundComposition Background { get; init; }

    /// <summary>The side of the square by which the background is eroded, on pictures of <see cref="ImageSize"/> pixels.</summary>
    public int BackgroundKernel { get; init; } = 13;

    /// <summary>
    /// Whether that square has the same side on pictures of every size, as the published release has it; false or null where it shrinks and
    /// grows with the picture. True for imported generators.
    /// </summary>
    public bool? BackgroundKernelAtEverySize { get; init; }

    /// <summary>What the convolutions of a generator's transfer stream have read and made, by the names of their weights; null for a model
    /// that was not calibrated.</summary>
    [JsonInclude]
    internal IReadOnlyDictionary<string, ActivationRange>? ActivationRanges { get; init; }

    /// <summary>How much of the person's extent is free on every side in the pictures that a SMPL estimator was trained on, 0 to 2; null
    /// for other models.</summary>
    public float? PersonMargin { get; init; }

    /// <summary>What a manifest says where a licence was not named. Such weights are not redistributable.</summary>
    public const string LicenceNotNamed = "not named";

    /// <summary>The licence of the weights.</summary>
    public required string Licence { get; init; }

    /// <summary>Whether anybody may pass the weights on. Saving a pipeline that holds others says so.</summary>
    public bool Redistributable { get; init; }

    /// <summary>The files it was made from; empty for our own.</summary>
    public IReadOnlyList<ModelOrigin> Origin { get; init; } = [];

    /// <summary>The package that the files came from, with its version; null where there is none.</summary>
    public string? SourcePackage { get; init; }

    /// <summary>Which of several sizes it is; null where there is one.</summary>
    public string? Variant { get; init; }

    /// <summary>What else there is to say.</summary>
    public string? Notes { get; init; }

    /// <summary>
    /// Whether a file beside a manifest may have this name: on every system a name in this very folder, and not the manifest's own.
    /// </summary>
    internal static bool IsFileName(string? name) =>
        name is { Length: > 0 and <= 100 } && !name.Any(c => char.IsControl(c) || c is '/' or '\\' or ':')
        && name.Trim('.', ' ').Length > 0 && name[^1] is not ('.' or ' ')
        && !name.Equals(ModelPackage.ManifestName, StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with a name of which <see cref="IsFileName"/> is false.</summary>
    internal static string NotAFileName(string name) =>
        $"'{string.Concat(name.Take(100).Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : $"{c}"))}' is no plain file name; names of "
        + $"1 to 100 characters without / \\ : and control characters are allowed, other than {ModelPackage.ManifestName}.";

    /// <summary>Writes it as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <summary>Reads it and checks it.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <exception cref="ModelFileException">It is no manifest of this version.</exception>
    public static ModelManifest Parse(ReadOnlySpan<byte> json, string file)
    {
        ModelManifest manifest;
        try
        {
            manifest = OutsideJson.Deserialize<ModelManifest>(json, s_json) ?? throw new JsonException("It is JSON's null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new ModelFileException(file, null, "it is no manifest of a model that this version reads: " + e.Message, e);
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
            throw new ModelFileException(file, null, "a generator's manifest names its sizes ('generator') and its body ('bodyHash').");
        if (manifest.Kind == ModelKind.SmplEstimator && manifest.PersonMargin is not (>= 0 and <= 2))
            throw new ModelFileException(file, "personMargin",
                "a SMPL estimator's manifest says how much is free around the person, 0 to 2 of the person's extent.");
        if (manifest.Kind == ModelKind.BlazePose && !Enum.TryParse<BlazePoseVariant>(manifest.Variant, ignoreCase: true, out _))
            throw new ModelFileException(file, "variant",
                $"a BlazePose's manifest says which variant it is: "
                + $"{string.Join(", ", Enum.GetNames<BlazePoseVariant>()).ToLowerInvariant()}.");
        return manifest;
    }
}
