using System.Security.Cryptography;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Networks;

/// <summary>
/// Where bodies and models are looked for that saved pipelines keep by reference only, since their licences do not let them be passed on: in these
/// folders, in those of the environment variable LWG_MODELS, and in the user's store (<see cref="ModelStore"/>).
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
        foreach (string folder in Folders())
        {
            string manifest = Path.Combine(folder, ModelPackage.ManifestName);
            if (File.Exists(manifest) && HashOf(manifest) == hash)
                return ModelPackage.LoadFolder(folder).ByReference();
        }
        throw Missing(name, $"a model folder whose manifest has the SHA-256 {hash}");
    }

    /// <summary>
    /// Finds a body by its hash: a file that holds all of it, or SMPL's file in any flavour together with the published files of its surface, which need not lie
    /// beside it.
    /// </summary>
    /// <param name="hash">Its <see cref="BodyModel.Hash"/>.</param>
    /// <param name="file">The file's name when it was saved; files of this name are looked at first.</param>
    /// <exception cref="ModelFileException">It is nowhere, or a file of its name is damaged.</exception>
    internal static BodyModel FindBody(string hash, string file)
    {
        string[] folders = [.. Folders()];
        IEnumerable<string> named = folders.Select(f => Path.Combine(f, file)).Where(File.Exists);
        IEnumerable<string> others = folders.SelectMany(f => Directory.EnumerateFiles(f).Order(StringComparer.Ordinal)).Where(p => Path.GetFileName(p) != file && LooksLikeBody(p));
        foreach (string path in named.Concat(others))
        {
            BodyModel bare = BodyModel.Load(path);
            if (Surfaces(bare, folders).Prepend(bare).SelectMany(b => WithParts(b, folders)).FirstOrDefault(b => b.Hash == hash) is { } body)
                return body.ByReference();
        }
        throw Missing(file, $"the body '{file}' with the hash {hash}");
    }

    // What a body becomes with the surface files of each folder: facial front and head may have been given or not.
    private static IEnumerable<BodyModel> Surfaces(BodyModel bare, string[] folders)
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
    private static IEnumerable<BodyModel> WithParts(BodyModel body, string[] folders)
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

    private static bool LooksLikeBody(string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".pkl" or ".npz"))
            return false;
        try
        {
            return FileContents.Read(path).IsBody;
        }
        catch (ModelFileException)
        {
            // Among files that nobody named, what cannot be read is no body.
            return false;
        }
    }

    private static ModelFileException Missing(string name, string wanted) =>
        new(name, null, $"the saved pipeline refers to {wanted}, which is in none of the folders {(Folders().Any() ? string.Join(", ", Folders()) : "(none is named)")}; name its folder by ModelReferences.AddFolder or in {Variable}.");

    private static IEnumerable<string> Folders()
    {
        List<string> roots;
        lock (s_folders)
            roots = [.. s_folders];
        roots.AddRange((Environment.GetEnvironmentVariable(Variable) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        if (ModelStore.FolderOrNull is { } store)
            roots.Add(store);
        return roots.Where(Directory.Exists).SelectMany(root => Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal).Prepend(root));
    }

    private static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
