using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Synthesis.Verification;

/// <summary>The tensors of one run of another implementation, with the names of <see cref="DumpTensor.All"/>; all have the same number of
/// rows.</summary>
internal sealed class TensorDump
{
    private readonly Dictionary<string, float[]> _tensors = [];
    private readonly Dictionary<string, (int Size, string From)> _sizes = [];
    private readonly string _path;

    /// <summary>Reads a dump.</summary>
    /// <param name="path">A .npz file.</param>
    /// <param name="body">The body of its vertices and faces; null to accept any number of them.</param>
    /// <exception cref="ModelFileException">The file is corrupt, contains no tensors, or contains a tensor that is unknown, has another
    /// shape or a value that is not finite.</exception>
    public TensorDump(string path, BodyModel? body = null)
    {
        _path = path;
        if (body is not null)
        {
            _sizes["V"] = (body.VertexCount, "the body");
            _sizes["F"] = (body.FaceCount, "the body");
        }
        using NumpyArchive archive = NumpyArchive.Open(path);
        foreach (string name in archive.Names.Order(StringComparer.Ordinal))
        {
            DumpTensor tensor = DumpTensor.All.FirstOrDefault(t => t.Name == name)
                ?? throw new ModelFileException(path, name,
                $"a dump has no tensor of this name; it may have {string.Join(", ", DumpTensor.All.Select(t => t.Name))}.");
            NumpyArray array = archive.Read(name);
            CheckShape(tensor, array.Shape);
            _tensors[name] = array.ToSingles();
        }
        if (_tensors.Count == 0)
            throw new ModelFileException(path, null, "it contains no tensors.");
    }

    /// <summary>The number of rows of each tensor.</summary>
    public int RowCount => _sizes["N"].Size;

    /// <summary>S, the side of the pictures; 0 if there are none.</summary>
    public int PictureSize => _sizes.TryGetValue("S", out (int Size, string) side) ? side.Size : 0;

    /// <summary>Returns whether the dump contains a tensor.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>Returns one row of a tensor.</summary>
    public ReadOnlySpan<float> Row(string name, int row)
    {
        float[] all = _tensors[name];
        int length = all.Length / RowCount;
        return all.AsSpan(row * length, length);
    }

    /// <summary>Returns one row of a face index map.</summary>
    /// <exception cref="ModelFileException">A value is not a face index.</exception>
    internal int[] Faces(string name, int row)
    {
        ReadOnlySpan<float> values = Row(name, row);
        int count = _sizes.TryGetValue("F", out (int Size, string) faces) ? faces.Size : int.MaxValue;
        var integers = new int[values.Length];
        for (int i = 0; i < integers.Length; i++)
        {
            integers[i] = (int)values[i];
            if (integers[i] != values[i] || integers[i] < -1 || integers[i] >= count)
                throw new ModelFileException(_path, name,
                    $"element {i} of row {row} is {values[i].ToString(CultureInfo.InvariantCulture)}, which is neither -1 nor one of "
                    + $"{count} faces.");
        }
        return integers;
    }

    private void CheckShape(DumpTensor tensor, int[] shape)
    {
        string[] wanted = ["N", .. tensor.Shape.Split(',')];
        bool fits = shape.Length == wanted.Length && shape.All(s => s > 0);
        for (int i = 0; fits && i < wanted.Length; i++)
        {
            if (int.TryParse(wanted[i], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                fits = shape[i] == number;
            else if (_sizes.TryGetValue(wanted[i], out (int Size, string) known))
                fits = shape[i] == known.Size;
            else
                _sizes[wanted[i]] = (shape[i], $"'{tensor.Name}'");
        }
        if (fits)
            return;
        string where = string.Join(", ", wanted.Distinct().Where(_sizes.ContainsKey)
            .Select(d => $"{d} = {_sizes[d].Size} as in {_sizes[d].From}"));
        throw new ModelFileException(_path, tensor.Name,
            $"its shape is [{string.Join(",", shape)}], but [{string.Join(",", wanted)}] is "
            + $"needed{(where.Length > 0 ? ", where " + where : "")}.");
    }
}
