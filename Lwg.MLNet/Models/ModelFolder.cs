namespace Lwg.MLNet.Models;

/// <summary>
/// A model folder that is being written. The new files are made in a folder beside it; the two change places by their names; then what the
/// old folder held besides its model moves to the new one. Only files that the old manifest lists are ever deleted, and only when the new
/// ones are in place.
/// </summary>
internal sealed class ModelFolder
{
    private readonly string _full, _old;
    private readonly HashSet<string> _replaced = new(StringComparer.Ordinal);
    private readonly bool _exists;

    /// <summary>Looks at the folder and makes the one to write into.</summary>
    /// <param name="folder">The folder to make or replace.</param>
    /// <param name="names">The files that it will hold.</param>
    /// <exception cref="ModelFileException">The folder holds something else than a model, or a file that is in the new model's
    /// way.</exception>
    public ModelFolder(string folder, IEnumerable<string> names)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(full))
            throw new ModelFileException(folder, null, "it is a file; name a folder.");
        _exists = Directory.Exists(full);
        // A link stays one: what it leads to changes its place.
        _full = _exists && Directory.ResolveLinkTarget(full, returnFinalTarget: true) is { } target
            ? Path.TrimEndingDirectorySeparator(target.FullName) : full;
        (Work, _old) = ($"{_full}.{Guid.NewGuid():N}.tmp", $"{_full}.{Guid.NewGuid():N}.old");
        FileSystemInfo[] present = _exists ? new DirectoryInfo(_full).GetFileSystemInfos() : [];
        if (present.Length > 0)
        {
            _replaced.UnionWith(FilesOfModel(folder));
            if (names.FirstOrDefault(name => present.Any(p => p.Name == name && !IsReplaced(p))) is { } strange)
                throw new ModelFileException(folder, strange,
                    $"the model has a file of this name, but the folder holds another one that is not in its "
                    + $"{ModelPackage.ManifestName}; move it, or name another folder.");
        }
        Directory.CreateDirectory(Work);
    }

    /// <summary>Where the new files are written.</summary>
    public string Work { get; }

    /// <summary>Puts the new folder into its place.</summary>
    public void Publish()
    {
        if (_exists)
            Directory.Move(_full, _old);
        try
        {
            Directory.Move(Work, _full);
        }
        catch when (_exists)
        {
            Directory.Move(_old, _full);
            throw;
        }
        if (!_exists)
            return;
        foreach (FileSystemInfo entry in new DirectoryInfo(_old).GetFileSystemInfos())
        {
            string place = Path.Combine(_full, entry.Name);
            if (IsReplaced(entry))
                entry.Delete();
            else if (entry is DirectoryInfo folder)
                folder.MoveTo(place);
            else
                ((FileInfo)entry).MoveTo(place);
        }
        // Not with what is in it: should a file have come meanwhile, it stays.
        Directory.Delete(_old, recursive: false);
    }

    /// <summary>Removes what was written so far.</summary>
    public void Abandon()
    {
        if (Directory.Exists(Work))
            Directory.Delete(Work, recursive: true);
    }

    private bool IsReplaced(FileSystemInfo entry) => entry is FileInfo && _replaced.Contains(entry.Name);

    // The manifest of a web page has the same name, and much else has: only one that this library can read says which files are a model's.
    private IEnumerable<string> FilesOfModel(string folder)
    {
        string path = Path.Combine(_full, ModelPackage.ManifestName);
        if (!File.Exists(path))
            throw new ModelFileException(folder, null, "the folder holds other files than a model's; name an empty or a new one.");
        try
        {
            return ModelManifest.Parse(BoundedFile.Read(path, ModelPackage.LargestManifest), path).Files.Keys.Append(
                ModelPackage.ManifestName);
        }
        catch (ModelFileException e)
        {
            throw new ModelFileException(folder, null,
                $"the folder holds other files than a model's: its {ModelPackage.ManifestName} is not a model's ({e.Reason}); name an "
                + $"empty or a new folder.", e);
        }
    }
}
