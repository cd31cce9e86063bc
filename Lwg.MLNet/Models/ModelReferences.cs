using System.Security.Cryptography;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Models;

/// <summary>The search path for bodies and models that saved pipelines contain only by reference because of their licences: the folders
/// added here, those of the environment variable LWG_MODELS, and the user's store (<see cref="ModelStore"/>).</summary>
public static class ModelReferences
{
    private const string Variable = "LWG_MODELS";

    private static readonly List<string> s_folders = [];

    /// <summary>Adds a folder to the search path, with its direct subfolders.</summary>
    /// <param name="folder">The folder.</param>
    public static void AddFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        lock (s_folders)
            s_folders.Add(folder);
    }

    /// <summary>Finds a model by its hash.</summary>
    /// <param name="hash">The SHA-256 of the manifest.</param>
    /// <param name="name">A name of the model, for the error.</param>
    /// <exception cref="ModelFileException">The model is not in any folder.</exception>
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

    /// <summary>Finds a body by its hash: a file that contains all of it, or an SMPL file of any format combined with the published
    /// surface files, which may be in other folders.</summary>
    /// <param name="hash">The <see cref="BodyModel.Hash"/> of the body.</param>
    /// <param name="file">The name of the file when the body was saved. Files with this name are tried first.</param>
    /// <exception cref="ModelFileException">The body is not in any folder. The message lists unreadable files.</exception>
    internal static BodyModel FindBody(string hash, string file)
    {
        var search = new Search();
        IEnumerable<string> named = search.Folders.Select(f => Path.Combine(f, file)).Where(File.Exists);
        IEnumerable<string> others = search.Folders.SelectMany(search.Files).Where(p => Path.GetFileName(p) != file && MayBeBody(p));
        foreach (string path in named.Concat(others))
        {
            BodyModel? body = search.Try(path, () =>
            {
                // Only regular files can be read; opening others may wait indefinitely.
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

    // Returns the body with the surface files of each folder, with and without facial front and head, which are optional.
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

    // An imported body has parts, from the published list if it was among the files; bodies of older imports have none.
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
            // The list belongs to another body.
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
            // The mapper belongs to another body.
            return null;
        }
    }

    private static bool MayBeBody(string path) => Path.GetExtension(path).ToLowerInvariant() is ".pkl" or ".npz";

    private static string HashOf(string manifest) =>
        Convert.ToHexStringLower(SHA256.HashData(BoundedFile.Read(manifest, ModelPackage.LargestManifest)));

    /// <summary>A search through the folders. They also contain unrelated files: unreadable files are skipped, and reported only if
    /// nothing is found.</summary>
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
            + $"{(Folders.Count > 0 ? string.Join(", ", Folders) : "(none is named)")}; add its folder with ModelReferences.AddFolder or "
            + $"in {Variable}.{Skipped()}");

        private string Skipped() => _skipped.Count == 0 ? ""
            : $" Not read: {string.Join(", ", _skipped.Take(MostNamed))}{(_skipped.Count > MostNamed ? $" and "
            + $"{_skipped.Count - MostNamed} more" : "")}.";

        private string[] List(string folder, Func<string, IEnumerable<string>> list) =>
            Try(folder, () => list(folder).Order(StringComparer.Ordinal).ToArray()) ?? [];
    }
}
