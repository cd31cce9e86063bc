using System.IO.Compression;
using System.Security.Cryptography;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Models;

/// <summary>A model: a manifest and its files, checked against their hashes. A folder on disk, or one entry of a saved pipeline.</summary>
public sealed class ModelPackage
{
    /// <summary>The file name of the manifest.</summary>
    public const string ManifestName = "manifest.json";

    /// <summary>The maximum sizes of a manifest, of another file, and of all files together, bytes. An array has at most 2 GB.</summary>
    internal const long LargestManifest = 1 << 20, LargestFile = 1 << 30, LargestModel = 2L << 30;

    // Weights are nearly incompressible, and Save stores them uncompressed.
    private const int ZipRatio = 20;

    private readonly IReadOnlyDictionary<string, byte[]> _files;
    private readonly byte[] _json;

    private ModelPackage(ModelManifest manifest, byte[] json, IReadOnlyDictionary<string, byte[]> files, string source)
    {
        (Manifest, _json, _files, Source) = (manifest, json, files, source);
        Hash = Convert.ToHexStringLower(SHA256.HashData(json));
    }

    /// <summary>The manifest.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The SHA-256 of the manifest, which contains those of all files: packages with the same hash are identical.</summary>
    public string Hash { get; }

    /// <summary>The origin of the package, for errors.</summary>
    public string Source { get; }

    /// <summary>Whether saved pipelines contain only a reference, for weights that must not be distributed. Loading then looks the model
    /// up (<see cref="ModelReferences"/>).</summary>
    public bool StoredByReference { get; private init; }

    /// <summary>Returns the same package, stored by reference in saved pipelines.</summary>
    public ModelPackage ByReference() => new(Manifest, _json, _files, Source) { StoredByReference = true };

    /// <summary>Returns a package with the same files and another manifest; storage in saved pipelines does not change.</summary>
    internal ModelPackage With(ModelManifest manifest) => Create(manifest, _files) is var made && StoredByReference ? made.ByReference()
        : made;

    /// <summary>Creates a package.</summary>
    /// <param name="manifest">The manifest. Its hashes are computed here.</param>
    /// <param name="files">The files beside it.</param>
    public static ModelPackage Create(ModelManifest manifest, IReadOnlyDictionary<string, byte[]> files)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(files);
        var hashes = files.OrderBy(f => f.Key, StringComparer.Ordinal)
            .ToDictionary(f => f.Key, f => Convert.ToHexStringLower(SHA256.HashData(f.Value)));
        byte[] json = (manifest with { Files = hashes }).ToJson();
        return new ModelPackage(ModelManifest.Parse(json, ManifestName), json, files, "a model in memory");
    }

    /// <summary>Opens a model folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ModelFileException">The manifest or a file is missing, damaged, or does not match the manifest.</exception>
    public static ModelPackage LoadFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string PathOf(string name) => Path.Combine(folder, name);
        byte[] json = BoundedFile.Read(PathOf(ManifestName), LargestManifest);
        ModelManifest manifest = ModelManifest.Parse(json, PathOf(ManifestName));
        long length = 0;
        foreach (string name in manifest.Files.Keys)
        {
            length += BoundedFile.Length(PathOf(name));
            if (length > LargestModel)
                throw new ModelFileException(PathOf(ManifestName), "files",
                    $"together they have more than {LargestModel} bytes, the maximum for a model.");
        }
        return new ModelPackage(manifest, json,
            manifest.Files.ToDictionary(f => f.Key, f =>
            Checked(BoundedFile.ReadOrEmpty(PathOf(f.Key), LargestFile), f.Value, PathOf(f.Key))), folder);
    }

    /// <summary>Opens a model from files that are not in a folder, for example from resources of an assembly.</summary>
    /// <param name="open">Opens a file by its name; null if there is none.</param>
    /// <param name="source">The name of the source, for errors.</param>
    /// <exception cref="ModelFileException">The manifest or a file is missing, damaged, or does not match the manifest.</exception>
    public static ModelPackage Load(Func<string, Stream?> open, string source)
    {
        ArgumentNullException.ThrowIfNull(open);
        byte[] json = Read(ManifestName);
        ModelManifest manifest = ModelManifest.Parse(json, $"{source}, '{ManifestName}'");
        return new ModelPackage(manifest, json,
            manifest.Files.ToDictionary(f => f.Key, f => Checked(Read(f.Key), f.Value, $"{source}, '{f.Key}'")), source);

        byte[] Read(string name)
        {
            using Stream stream = open(name) ?? throw new ModelFileException(source, name, "it is missing.");
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    /// <summary>Writes a model folder: to a temporary folder, which then replaces it. Files of the folder that do not belong to its model
    /// are kept.</summary>
    /// <param name="folder">The folder to create, or that of a model to replace. A folder that contains anything else is refused.</param>
    /// <exception cref="ModelFileException">The folder contains something other than a model, or a name is not a plain file
    /// name.</exception>
    public void SaveFolder(string folder) =>
        WriteFolder(folder, _files.ToDictionary(f => f.Key, f => (Action<Stream>)(stream => stream.Write(f.Value))), () => Manifest);

    /// <summary>Writes a model folder without keeping its files in memory: to a temporary folder, which then replaces it. Files of the
    /// folder that do not belong to its model are kept.</summary>
    /// <param name="folder">The folder to create, or that of a model to replace. A folder that contains anything else is refused.</param>
    /// <param name="files">The writers of the files, which must write sequentially.</param>
    /// <param name="manifest">Creates the manifest after the files are written. Its hashes are computed here.</param>
    /// <exception cref="ModelFileException">The folder contains something other than a model, a name is not a plain file name, or a file
    /// cannot be created from its source.</exception>
    public static void WriteFolder(string folder, IReadOnlyDictionary<string, Action<Stream>> files, Func<ModelManifest> manifest)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(manifest);
        if (files.Keys.FirstOrDefault(name => !ModelManifest.IsFileName(name)) is { } wrong)
            throw new ModelFileException(folder, "files", ModelManifest.NotAFileName(wrong));
        var target = new ModelFolder(folder, files.Keys);
        var flushes = new List<Task>();
        try
        {
            // The next file is written while one is flushed to disk.
            var hashes = new Dictionary<string, string>();
            foreach ((string name, Action<Stream> write) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
                hashes[name] = WriteHashed(Path.Combine(target.Work, name), write, flushes);
            flushes.ForEach(f => f.GetAwaiter().GetResult());
            byte[] json = (manifest() with { Files = hashes }).ToJson();
            _ = ModelManifest.Parse(json, ManifestName);
            AtomicFile.Write(Path.Combine(target.Work, ManifestName), stream => stream.Write(json));
            target.Publish();
        }
        catch
        {
            Task.WhenAll(flushes).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            target.Abandon();
            throw;
        }
    }

    /// <summary>Writes the package as one zip file. The same package always gives the same bytes.</summary>
    /// <param name="stream">The target stream; left open.</param>
    public void Save(Stream stream)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Write(ManifestName, _json);
        foreach ((string name, byte[] bytes) in _files)
            Write(name, bytes);

        void Write(string name, byte[] bytes)
        {
            ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
            entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream to = entry.Open();
            to.Write(bytes);
        }
    }

    /// <summary>Reads a package written by <see cref="Save"/>.</summary>
    /// <param name="stream">The source stream; left open.</param>
    /// <param name="source">The name of the source, for errors.</param>
    /// <exception cref="ModelFileException">The stream is damaged.</exception>
    public static ModelPackage Load(Stream stream, string source)
    {
        try
        {
            using var zip = new ZipReader(stream, source, leaveOpen: true, ZipRatio);
            byte[] json = Read(ManifestName, LargestManifest);
            ModelManifest manifest = ModelManifest.Parse(json, $"{source}, '{ManifestName}'");
            var files = manifest.Files.ToDictionary(f => f.Key, f => Checked(Read(f.Key, LargestFile), f.Value, $"{source}, '{f.Key}'"));
            return new ModelPackage(manifest, json, files, source);

            byte[] Read(string name, long limit)
            {
                ZipArchiveEntry entry = zip.Find(name) ?? throw new ModelFileException(source, name, "it is missing.");
                return zip.Read(entry, name, limit);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new ModelFileException(source, null, "the model in it is damaged or truncated.", e);
        }
    }

    /// <summary>Returns the bytes of a file.</summary>
    /// <param name="name">The name of the file.</param>
    /// <exception cref="ModelFileException">The model has no file with this name.</exception>
    public byte[] Get(string name) =>
        _files.TryGetValue(name, out byte[]? bytes) ? bytes
        : throw new ModelFileException(Source, name, $"the model has no such file; it has {string.Join(", ", _files.Keys)}.");

    /// <summary>Whether there is a file with this name.</summary>
    public bool Contains(string name) => _files.ContainsKey(name);

    /// <summary>Checks the kind of the model.</summary>
    /// <exception cref="ModelFileException">The model is of another kind.</exception>
    public void Require(ModelKind kind)
    {
        if (Manifest.Kind != kind)
            throw new ModelFileException(Source, null, $"it is a model of kind {Manifest.Kind}; {kind} is needed.");
    }

    private static byte[] Checked(byte[] bytes, string hash, string name)
    {
        string actual = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (actual == hash)
            return bytes;
        throw new ModelFileException(name, null, bytes.Length == 0
            ? $"it is empty or not a regular file, but the manifest says that its SHA-256 is {hash}."
            : $"its SHA-256 is {actual}, but the manifest says {hash}: the file was changed or damaged.");
    }

    private static string WriteHashed(string path, Action<Stream> write, List<Task> flushes)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        try
        {
            using var hashing = new HashingStream(file);
            write(hashing);
            string hash = hashing.Hash();
            flushes.Add(Task.Run(() =>
            {
                using (file)
                    file.Flush(flushToDisk: true);
            }));
            return hash;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
