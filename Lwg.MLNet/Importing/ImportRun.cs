using System.Globalization;
using System.Security.Cryptography;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Importing;

/// <summary>Creates models from published files: body.npz with its surface, and a model folder for each network. All files are checked
/// before anything is written.</summary>
internal sealed class ImportRun(IReadOnlyList<string> sources, string target, ImportOptions options, Action<string> tell)
{
    /// <summary>The name of the body file.</summary>
    public const string BodyFile = "body.npz";

    private const string Mapper = BodySurface.MapperFile, Front = BodySurface.FrontFile, Head = BodySurface.HeadFile,
        Parts = BodySurface.PartFile;

    private readonly List<(string Path, TorchCheckpoint Checkpoint, PublishedNetwork Network)> _networks = [];
    private readonly Dictionary<string, string> _surface = [];
    private readonly List<string> _bodies = [];
    private BlazePosePackage? _blazePose;

    /// <summary>Returns the name of the folder of a kind of model.</summary>
    public static string FolderName(ModelKind kind) => kind switch
    {
        ModelKind.Generator => "generator",
        ModelKind.SmplEstimator => "estimator",
        ModelKind.BlazePose => "blazepose",
        _ => "inpainter",
    };

    /// <summary>Returns the name and hash of a file.</summary>
    public static ModelOrigin OriginOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return new ModelOrigin(Path.GetFileName(path), Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    public void Run(CancellationToken cancellationToken)
    {
        try
        {
            foreach (string path in sources.SelectMany(FilesOf))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Look(path);
            }
            Write(cancellationToken);
        }
        finally
        {
            _networks.ForEach(n => n.Checkpoint.Dispose());
        }
    }

    private static IEnumerable<string> FilesOf(string source) =>
        Directory.Exists(source) ? Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : [source];

    private void Look(string path)
    {
        string name = Path.GetFileName(path);
        if (name is Mapper or Front or Head or Parts)
        {
            Once(_surface.TryAdd(name, path), name, path);
            tell($"{path}: {(name == Mapper ? "texture coordinates" : "a list of faces")}");
            return;
        }
        if (Path.GetExtension(path).Equals(".tgz", StringComparison.OrdinalIgnoreCase))
        {
            AddPackage(path);
            return;
        }
        if (Path.GetExtension(path).ToLowerInvariant() is not (".pth" or ".pt" or ".pkl" or ".npz" or ".tar" or ".ckpt"))
        {
            tell($"{path}: ignored, not the name of a model file");
            return;
        }
        FileContents contents = FileContents.Read(path);
        if (contents.IsBody)
        {
            _bodies.Add(path);
            tell($"{path}: body");
        }
        else if (contents.IsCheckpoint)
        {
            Add(path);
        }
        else
        {
            tell($"{path}: ignored, a {contents.Format} that is not a body");
        }
    }

    private void Add(string path)
    {
        TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        if (PublishedNetwork.Recognize(checkpoint) is not { Kind: { } kind } network)
        {
            checkpoint.Dispose();
            tell($"{path}: ignored, its weights belong to no known network");
            return;
        }
        bool first = _networks.TrueForAll(n => n.Network.Kind != kind);
        _networks.Add((path, checkpoint, network));
        Once(first, FolderName(kind), path);
        WeightReport report = network.Compare(checkpoint);
        report.ThrowUnlessComplete(path);
        tell($"{path}: {network.Description}. {report}");
    }

    private void AddPackage(string path)
    {
        if (BlazePosePackage.Read(path, options.BlazePose) is not { } package)
        {
            tell($"{path}: ignored, a package without a known network");
            return;
        }
        Once(_blazePose is null, FolderName(ModelKind.BlazePose), path);
        _blazePose = package;
        tell($"{path}: BlazePose ({options.BlazePose}), {package.Source}");
    }

    private static void Once(bool first, string what, string path)
    {
        if (!first)
            throw new ModelFileException(path, null, $"it is the second {what} among the files; import them one by one.");
    }

    private void Write(CancellationToken cancellationToken)
    {
        if (_networks.Count + _bodies.Count == 0 && _blazePose is null)
            throw new LwgException($"Nothing in {string.Join(", ", sources)} can be imported: there is neither a body nor a known "
                + $"network.");
        BodyModel? body = Body();
        if (body is null && _networks.Exists(n => n.Network.Kind == ModelKind.Generator))
            throw new LwgException($"A generator reads maps of one body, but the files contain none: add SMPL's file and {Mapper}.");
        if (body is { Surface.HasCondition: false })
            throw new LwgException($"The body '{body.Source}' has no texture coordinates; add {Mapper}, and {Front} and {Head} if "
                + $"available.");

        Directory.CreateDirectory(target);
        if (body is not null)
        {
            string file = Path.Combine(target, BodyFile);
            body.Save(file);
            tell($"{file}: {body.VertexCount} vertices, {body.FaceCount} faces, {(body.HasKeypoints ? "with" : "without")} key points, "
                + $"hash {body.Hash}");
        }
        foreach ((string path, TorchCheckpoint checkpoint, PublishedNetwork network) in _networks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(path, checkpoint, network, body);
        }
        if (_blazePose is not { } pose)
            return;
        string folder = Path.Combine(target, FolderName(ModelKind.BlazePose));
        pose.SaveFolder(folder);
        Wrote(folder, $"BlazePose ({pose.Variant})");
    }

    private BodyModel? Body()
    {
        if (_bodies.Count == 0)
            return null;
        // The body in the estimator's files has the key points that the official one lacks.
        List<BodyModel> bodies = [.. _bodies.Select(BodyModel.Load)];
        BodyModel body = bodies.Find(b => b.HasKeypoints) ?? bodies[0];
        if (bodies.Count > 1)
            tell($"Of {bodies.Count} bodies, '{body.Source}' is used.");
        if (_surface.TryGetValue(Mapper, out string? mapper))
            body = body.WithSurfaceFiles(mapper, _surface.GetValueOrDefault(Front), _surface.GetValueOrDefault(Head));
        if (body.Surface.HasParts && !_surface.ContainsKey(Parts))
            return body;
        tell(_surface.TryGetValue(Parts, out string? parts) ? $"Its parts are those of {parts}."
            : $"Its parts are taken from the joints that move its faces; {Parts} among the files overrides this.");
        return body.WithParts(parts);
    }

    private void Write(string path, TorchCheckpoint checkpoint, PublishedNetwork network, BodyModel? body)
    {
        // The hash of the file and the networks are computed from the same bytes concurrently.
        Task<ModelOrigin> origin = Task.Run(() => OriginOf(path));
        ModelKind kind = network.Kind!.Value;
        string folder = Path.Combine(target, FolderName(kind));
        Dictionary<string, Action<Stream>> files;
        GeneratorShape? shape = null;
        BackgroundComposition background = BackgroundComposition.WholePicture;
        List<ModelOrigin> more = [];
        if (kind == ModelKind.Generator)
        {
            bool align = options.AlignCorners ?? checkpoint.IsLegacy;
            shape = network.Generator! with { AlignCorners = align, Warping = options.Warping };
            if (options.AlignCorners is null)
                tell($"The checkpoint is of the format {(checkpoint.IsLegacy ? "before" : "since")} PyTorch 1.6, so its corners are "
                    + $"taken as {(align ? "aligned" : "not aligned")}; --align-corners overrides this.");
            // An inpainter among the files replaces the generator's network for the background.
            (string Path, TorchCheckpoint Checkpoint, PublishedNetwork Network) inpainter =
                _networks.Find(n => n.Network.Kind == ModelKind.Inpainter);
            if (inpainter.Network is not null)
                background = BackgroundComposition.Inpainted;
            files = LiquidWarpingGenerator.FilesOf(shape, background, checkpoint, options.Storage);
            if (inpainter.Network is not null)
            {
                files[LiquidWarpingGenerator.InpainterFile] = stream =>
                    OnnxFile.Write(stream, inpainter.Network.Graphs[0], inpainter.Checkpoint, options.Storage);
                more.Add(OriginOf(inpainter.Path));
                tell($"The background is painted by {inpainter.Path}.");
            }
        }
        else
        {
            string name = kind == ModelKind.SmplEstimator ? LearnedSmplEstimator.NetworkFile : LiquidWarpingGenerator.InpainterFile;
            files = new() { [name] = stream => OnnxFile.Write(stream, network.Graphs[0], checkpoint, options.Storage) };
        }
        ModelPackage.WriteFolder(folder, files, () => new ModelManifest
        {
            Kind = kind,
            ImageSize = kind == ModelKind.SmplEstimator ? HmrNetwork.ImageSize : options.ImageSize,
            PersonMargin = kind == ModelKind.SmplEstimator ? LearnedSmplEstimator.HmrMargin : null,
            Generator = shape,
            BodyHash = kind == ModelKind.Generator ? body!.Hash : null,
            Background = background,
            BackgroundKernelAtEverySize = kind == ModelKind.Generator ? true : null,
            Licence = options.Licence,
            Redistributable = false,
            Origin = [origin.GetAwaiter().GetResult(), .. more],
            Notes = network.Description,
        });
        Wrote(folder, network.Description);
    }

    private void Wrote(string folder, string what) =>
        tell(string.Create(CultureInfo.InvariantCulture,
        $"{folder}: {what}, {Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length) / 1e6:0.0} MB"));
}
