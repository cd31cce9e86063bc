using System.Security.Cryptography;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Models;

/// <summary>
/// Where bodies and models are looked for that saved pipelines keep by reference only, since their licences do not let them be passed on:
/// in these folders, in those of the environment variable LWG_MODELS, and in the user's store (<see cref="ModelStore"/>).
/// </summary>
public static class ModelReferences
{
    private const string Variable = "LWG_MODELS";

    private static readonly List<string> s_folders = [];

    /// <summary>Adds a folder to look in, and in the folders right below it.</summary>
    /// <param name="folder">The folder.</param>
    public static void AddFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        lock (s_folders)
            s_folders.Add(folder);
    }

    /// <summary>Finds a model by its hash.</summary>
    /// <param name="hash">The SHA-256 of its manifest.</param>
    /// <param name="name">What it is, for the error.</param>
    /// <exception cref="ModelFileException">It is nowhere.</exception>
    internal static ModelPackage FindModel(string hash, string name)
    {
        var search = new Search();
        foreach (string folder in search.Folders)
        {
            string manifest = Path.Combine(folder, ModelPackage.ManifestName);
            if (File.Exists(manifest) && search.Try(manifest, () =>
                HashOf(manifest) == hash ? ModelPackage.LoadFolder(folder) : null) is { } found)
                return found.ByReference();
        }
        throw search.Missing(name, $"a model folder whose manifest has the SHA-256 {hash}");
    }

    /// <summary>
    /// Finds a body by its hash: a file that holds all of it, or SMPL's file in any flavour together with the published files of its
    /// surface, which need not lie beside it.
    /// </summary>
    /// <param name="hash">Its <see cref="BodyModel.Hash"/>.</param>
    /// <param name="file">The file's name when it was saved; files of this name are looked at first.</param>
    /// <exception cref="ModelFileException">It is nowhere; what could not be read is named.</exception>
    internal static BodyModel FindBody(string hash, string file)
    {
        var search = new Search();
        IEnumerable<string> named = search.Folders.Select(f => Path.Combine(f, file)).Where(File.Exists);
        IEnumerable<string> others = search.Folders.SelectMany(search.Files).Where(p => Path.GetFileName(p) != file && MayBeBody(p));
        foreach (string path in named.Concat(others))
        {
            BodyModel? body = search.Try(path, () =>
            {
                // Nothing can be read of what is no regular file, and opening it may wait for ever.
                if (BoundedFile.Length(path) == 0 || (Path.GetFileName(path) != file && !FileContents.Read(path).IsBody))
                    return null;
                BodyModel bare = BodyModel.Load(path);
                return Surfaces(bare, search.Folders).Prepend(bare).SelectMany(b => WithParts(b, search.Folders))
                    .FirstOrDefault(b => b.Hash == hash);
            });
            if (body is not null)
                return body.ByReference();
        }
        throw search.Missing(file, $"the body '{file}' with the hash {hash}");
    }

    // What a body becomes with the surface files of each folder: facial front and head may have been given or not.
    private static IEnumerable<BodyModel> Surfaces(BodyModel bare, IEnumerable<string> folders)
    {
        foreach (string folder in folders)
        {
            string mapper = Path.Combine(folder, BodySurface.MapperFile);
            if (!File.Exists(mapper))
                continue;
            foreach (string? front in OneOrNone(BodySurface.FrontFile))
            {
                foreach (string? head in OneOrNone(BodySurface.HeadFile))
                {
                    if (Dress(bare, mapper, front, head) is { } body)
                        yield return body;
                }
            }

            string?[] OneOrNone(string name) => File.Exists(Path.Combine(folder, name)) ? [Path.Combine(folder, name), null] : [null];
        }
    }

    // An imported body has parts, of the published list where that was among the files; bodies of before have none.
    private static IEnumerable<BodyModel> WithParts(BodyModel body, IReadOnlyList<string> folders)
    {
        yield return body;
        if (body.Surface.HasParts)
            yield break;
        yield return body.WithParts();
        foreach (string list in folders.Select(f => Path.Combine(f, BodySurface.PartFile)).Where(File.Exists))
        {
            if (Listed(body, list) is { } listed)
                yield return listed;
        }
    }

    private static BodyModel? Listed(BodyModel body, string list)
    {
        try
        {
            return body.WithParts(list);
        }
        catch (ModelFileException)
        {
            // It is another body's list.
            return null;
        }
    }

    private static BodyModel? Dress(BodyModel bare, string mapper, string? front, string? head)
    {
        try
        {
            return bare.WithSurfaceFiles(mapper, front, head);
        }
        catch (BodyMismatchException)
        {
            // It is another body's mapper.
            return null;
        }
    }

    private static bool MayBeBody(string path) => Path.GetExtension(path).ToLowerInvariant() is ".pkl" or ".npz";

    private static string HashOf(string manifest) =>
        Convert.ToHexStringLower(SHA256.HashData(BoundedFile.Read(manifest, ModelPackage.LargestManifest)));

    /// <summary>
    /// One search through the folders. They hold what has nothing to do with the file that is looked for: what cannot be read there is
    /// passed over, and named only where nothing is found.
    /// </summary>
    private sealed class Search
    {
        private const int MostNamed = 5;

        private readonly List<string> _skipped = [];

        public Search()
        {
            List<string> roots;
            lock (s_folders)
                roots = [.. s_folders];
            roots.AddRange((Environment.GetEnvironmentVariable(Variable)
                ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
            if (ModelStore.FolderOrNull is { } store)
                roots.Add(store);
            Folders = [.. roots.Where(Directory.Exists).SelectMany(root => List(root, Directory.EnumerateDirectories).Prepend(root))];
        }

        public IReadOnlyList<string> Folders { get; }

        public IEnumerable<string> Files(string folder) => List(folder, Directory.EnumerateFiles);

        public T? Try<T>(string path, Func<T?> read) where T : class
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is LwgException or IOException or UnauthorizedAccessException)
            {
                _skipped.Add($"{path} ({(e is ModelFileException file ? file.Reason : e.Message).TrimEnd('.')})");
                return null;
            }
        }

        public ModelFileException Missing(string name, string wanted) => new(
            name, null, $"the saved pipeline refers to {wanted}, which is in none of the folders "
            + $"{(Folders.Count > 0 ? string.Join(", ", Folders) : "(none is named)")}; name its folder by ModelReferences.AddFolder or "
            + $"in {Variable}.{Skipped()}");

        private string Skipped() => _skipped.Count == 0 ? ""
            : $" Not read: {string.Join(", ", _skipped.Take(MostNamed))}{(_skipped.Count > MostNamed ? $" and "
            + $"{_skipped.Count - MostNamed} more" : "")}.";

        private string[] List(string folder, Func<string, IEnumerable<string>> list) =>
            Try(folder, () => list(folder).Order(StringComparer.Ordinal).ToArray()) ?? [];
    }
}
