using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Models;

/// <summary>An array in a file.</summary>
/// <param name="Name">The name; for arrays in dictionaries, the path of keys separated by slashes.</param>
/// <param name="Shape">The shape; empty for a scalar.</param>
/// <param name="ElementType">The type in the file.</param>
internal sealed record ListedArray(string Name, int[] Shape, string ElementType);

/// <summary>The content of a file of published models or data, detected regardless of its name.</summary>
/// <param name="Format">A short name of the format.</param>
/// <param name="IsCheckpoint">Whether the file is a checkpoint of weights: <see cref="TorchCheckpoint"/>.</param>
/// <param name="Arrays">The arrays of all types, in the order of the file.</param>
internal sealed record FileContents(string Format, bool IsCheckpoint, IReadOnlyList<ListedArray> Arrays)
{
    private const int MostListed = 100_000, Deepest = 8;

    /// <summary>Whether the arrays are those of a body: <see cref="Body.BodyModelFile.Read(string)"/>.</summary>
    public bool IsBody => !IsCheckpoint && Has("v_template") && Has("kintree_table");

    /// <summary>Whether there is an array with this name.</summary>
    public bool Has(string name) => Arrays.Any(a => a.Name == name);

    /// <summary>Lists the arrays of a file: a PyTorch checkpoint of either format, safetensors, .npz, .npy, a pickle of arrays in
    /// dictionaries, or a BVH motion. Only names, shapes and types are read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged, or none of these; the message gives its type if it is
    /// known.</exception>
    public static FileContents Read(string path)
    {
        using FileStream stream = NumpyArchive.OpenForReading(path);
        byte[] start = FileSignature.Start(stream);
        if (start is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..])
            return new FileContents("numpy array (.npy)", false,
                [Listed(Path.GetFileNameWithoutExtension(path), NumpyHeader.Read(stream, path, Path.GetFileName(path)))]);
        if (start is [(byte)'P', (byte)'K', 3, 4, ..])
            return OfZip(path);
        if (start.AsSpan(0, Math.Min(start.Length, 16)).IndexOf(TorchCheckpoint.LegacyMagic) >= 0)
            return OfCheckpoint(path, "PyTorch checkpoint (format before 1.6)");
        if (FileSignature.IsSafetensors(start, stream.Length))
            return OfCheckpoint(path, "safetensors");
        if (FileSignature.IsBvh(start))
            return new FileContents("BVH motion", false,
                [.. Motion.Bvh.BvhFile.Read(stream, path).Joints.Select(j => new ListedArray(j.Name, [j.Channels.Length], "channels"))]);
        return OfPickle(stream, path);
    }

    private static FileContents OfZip(string path)
    {
        using (NumpyArchive archive = NumpyArchive.Open(path))
        {
            if (archive.Names.Count > 0)
                return new FileContents("numpy archive (.npz)", false, [.. archive.Names.Select(n => Listed(n, archive.ReadHeader(n)))]);
        }
        return OfCheckpoint(path, "PyTorch checkpoint (zip)");
    }

    private static FileContents OfCheckpoint(string path, string format)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        return new FileContents(format, true, [.. checkpoint.Tensors.Select(t => new ListedArray(t.Name, t.Shape, t.ElementType))]);
    }

    private static FileContents OfPickle(Stream stream, string path)
    {
        (object? value, ReadBudget budget) = PickleFile.Read(stream, path);
        var listed = new List<ListedArray>();
        int left = MostListed;
        List(value, "", new PickledArrays(path, budget), listed, ref left, 0);
        return listed.Count > 0 ? new FileContents("pickle", false, listed)
            : throw new ModelFileException(path, null, "the pickle in it contains no arrays.");
    }

    // An object shared by several places of a pickle is listed at each place, up to a limit.
    private static void List(object? value, string name, PickledArrays arrays, List<ListedArray> listed, ref int left, int depth)
    {
        if (--left < 0 || depth > Deepest)
            return;
        if (arrays.Describe(value) is var (shape, type))
        {
            listed.Add(new ListedArray(name, shape, type));
            return;
        }
        IEnumerable<(string Name, object? Value)> inner = value switch
        {
            PickledDictionary dictionary => dictionary.Select(e => (KeyName(e.Key), e.Value)),
            List<object?> list => list.Select((item, i) => ($"{i}", item)),
            PickledTuple tuple => tuple.Items.Select((item, i) => ($"{i}", item)),
            _ => [],
        };
        foreach ((string key, object? item) in inner)
        {
            if (left <= 0)
                return;
            List(item, name.Length == 0 ? key : $"{name}/{key}", arrays, listed, ref left, depth + 1);
        }
    }

    private static string KeyName(object key) =>
        key is string or long or double or bool ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key}") : "?";

    private static ListedArray Listed(string name, NumpyHeader header) => new(name, header.Shape, NumpyHeader.Readable(header.Type));
}
