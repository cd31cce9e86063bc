namespace Lwg.MLNet.Checkpoints;

/// <summary>An array in a file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="ElementType">The type in the file.</param>
public sealed record ListedArray(string Name, int[] Shape, string ElementType);

/// <summary>What is in a file of published models or data: told by its content, whatever its name is.</summary>
/// <param name="Format">The format in a few words.</param>
/// <param name="IsCheckpoint">Whether it is a PyTorch checkpoint: <see cref="TorchCheckpoint"/>.</param>
/// <param name="Arrays">Its arrays, in the order of the file.</param>
public sealed record FileContents(string Format, bool IsCheckpoint, IReadOnlyList<ListedArray> Arrays)
{
    /// <summary>Whether the arrays are a body's: <see cref="Body.BodyModelFile.Read(string)"/>.</summary>
    public bool IsBody => !IsCheckpoint && Has("v_template") && Has("kintree_table");

    /// <summary>Whether there is an array of this name.</summary>
    public bool Has(string name) => Arrays.Any(a => a.Name == name);

    /// <summary>Looks into a file: a PyTorch checkpoint of either format, .npz, .npy, or a pickle of a dictionary of arrays.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">It is missing, damaged, or none of these.</exception>
    public static FileContents Read(string path)
    {
        byte[] start = new byte[16];
        using (FileStream stream = NumpyArchive.OpenForReading(path))
            Array.Resize(ref start, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
        if (start is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..])
        {
            NumpyArray array = NumpyArray.Load(path);
            return new FileContents("numpy array (.npy)", false, [new ListedArray(Path.GetFileNameWithoutExtension(path), array.Shape, array.ElementType)]);
        }
        if (start is [(byte)'P', (byte)'K', 3, 4, ..])
            return OfZip(path);
        return start.AsSpan().IndexOf(TorchCheckpoint.LegacyMagic) >= 0 ? OfCheckpoint(path, "PyTorch checkpoint (format before 1.6)") : OfPickle(path);
    }

    private static FileContents OfZip(string path)
    {
        using (NumpyArchive archive = NumpyArchive.Open(path))
        {
            if (archive.Names.Count > 0)
                return new FileContents("numpy archive (.npz)", false, [.. archive.Names.Select(n => Listed(n, archive.Read(n)))]);
        }
        return OfCheckpoint(path, "PyTorch checkpoint (zip)");
    }

    private static FileContents OfCheckpoint(string path, string format)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        return new FileContents(format, true, [.. checkpoint.Tensors.Select(t => new ListedArray(t.Name, t.Shape, t.ElementType))]);
    }

    private static FileContents OfPickle(string path)
    {
        PickledArchive archive = PickleFile.ReadDictionary(path);
        return new FileContents("pickle", false, [.. archive.Names.Select(n => Listed(n, archive.Read(n)))]);
    }

    private static ListedArray Listed(string name, NumpyArray array) => new(name, array.Shape, array.ElementType);
}
