namespace Lwg.MLNet.Models;

/// <summary>
/// Writes a model folder. The new files are written to a temporary folder beside it, and the two folders are then exchanged by renaming.
/// Other files of the old folder move to the new one. Only files in the old manifest are deleted, and only after the exchange.
/// </summary>
internal sealed class ModelFolder
{
    private readonly string _full, _old;
    private readonly HashSet<string> _replaced = new(StringComparer.Ordinal);
    private readonly bool _exists;

    /// <summary>Checks the folder and creates the temporary one.</summary>
    /// <param name="folder">The folder to create or replace.</param>
    /// <param name="names">The names of the new files.</param>
    /// <exception cref="ModelFileException">The folder contains anything but a model, or a file that conflicts with one of the new
    /// model.</exception>
    public ModelFolder(string folder, IEnumerable<string> names)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(full))
            throw new ModelFileException(folder, null, "it is a file; specify a folder.");
        _exists = Directory.Exists(full);
        // A link stays a link: its target is replaced.
        _full = _exists && Directory.ResolveLinkTarget(full, returnFinalTarget: true) is { } target
            ? Path.TrimEndingDirectorySeparator(target.FullName) : full;
        (Work, _old) = ($"{_full}.{Guid.NewGuid():N}.tmp", $"{_full}.{Guid.NewGuid():N}.old");
        FileSystemInfo[] present = _exists ? new DirectoryInfo(_full).GetFileSystemInfos() : [];
        if (present.Length > 0)
        {
            _replaced.UnionWith(FilesOfModel(folder));
            if (names.FirstOrDefault(name => present.Any(p => p.Name == name && !IsReplaced(p))) is { } strange)
                throw new ModelFileException(folder, strange,
                    $"the model has a file of this name, but the folder contains another one that is not in its "
                    + $"{ModelPackage.ManifestName}; move it, or specify another folder.");
        }
        Directory.CreateDirectory(Work);
    }

    /// <summary>The folder in which the new files are written.</summary>
    public string Work { get; }

    /// <summary>Moves the new folder into place.</summary>
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
        // Not recursive: a file added meanwhile is kept.
        Directory.Delete(_old, recursive: false);
    }

    /// <summary>Removes the files written so far.</summary>
    public void Abandon()
    {
        if (Directory.Exists(Work))
            Directory.Delete(Work, recursive: true);
    }

    private bool IsReplaced(FileSystemInfo entry) => entry is FileInfo && _replaced.Contains(entry.Name);

    // Web pages and others have manifests with the same name: only one that this library can read lists the files of a model.
    private IEnumerable<string> FilesOfModel(string folder)
    {
        string path = Path.Combine(_full, ModelPackage.ManifestName);
        if (!File.Exists(path))
            throw new ModelFileException(folder, null,
                "the folder contains files that are not a model's; specify an empty or a new one.");
        try
        {
            return ModelManifest.Parse(BoundedFile.Read(path, ModelPackage.LargestManifest), path).Files.Keys.Append(
                ModelPackage.ManifestName);
        }
        catch (ModelFileException e)
        {
            throw new ModelFileException(folder, null,
                $"the folder contains files that are not a model's: its {ModelPackage.ManifestName} is not valid ({e.Reason}); "
                + $"specify an empty or a new folder.", e);
        }
    }
}
