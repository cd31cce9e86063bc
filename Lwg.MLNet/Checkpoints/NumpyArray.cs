using System.Buffers.Binary;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;

namespace Lwg.MLNet.Checkpoints;

/// <summary>A numpy array: its shape and its elements in C order, in the type of the file or converted.</summary>
internal sealed class NumpyArray
{
    private readonly byte[] _raw;
    private readonly char _kind;
    private readonly int _itemSize;
    private readonly bool _bigEndian;
    private readonly string _source;
    private readonly string _name;

    private NumpyArray(string source, string name, int[] shape, char kind, int itemSize, bool bigEndian, byte[] raw)
    {
        (_source, _name, Shape, _kind, _itemSize, _bigEndian, _raw) = (source, name, shape, kind, itemSize, bigEndian, raw);
        Length = ElementCount(shape);
    }

    /// <summary>The dimensions; empty for a scalar.</summary>
    public int[] Shape { get; }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>The type in numpy's notation, without byte order: f4, f8, i4, u1, b1...</summary>
    public string ElementType => $"{_kind}{_itemSize}";

    /// <summary>Reads one .npy file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file is not a numeric array, or is truncated.</exception>
    public static NumpyArray Load(string path)
    {
        using FileStream stream = NumpyArchive.OpenForReading(path);
        return Read(stream, path, Path.GetFileName(path), stream.Length);
    }

    /// <summary>Reads an array from a stream that is positioned at the magic bytes.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="source">The name of the file, for errors.</param>
    /// <param name="name">The name of the entry, for errors.</param>
    /// <param name="limit">The length of the entry in bytes, with the header. No more than this is allocated.</param>
    /// <exception cref="ModelFileException">The entry is not a numeric array, or is truncated.</exception>
    public static NumpyArray Read(Stream stream, string source, string name, long limit)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var header = NumpyHeader.Read(stream, source, name);
        (bool bigEndian, char kind, int itemSize) = header.NumberType(source, name);
        long count = 1;
        foreach (int dimension in header.Shape)
        {
            count = checked(count * dimension);
            if (count * itemSize > Math.Min(limit, int.MaxValue - 64))
                throw new ModelFileException(source, name,
                    $"its shape ({string.Join(", ", header.Shape)}) needs more bytes than the {limit} that the entry contains.");
        }
        byte[] raw = ReadElements(stream, (int)(count * itemSize), source, name);
        int[] shape = header.Shape;
        if (header.IsFortran && shape.Length > 1)
            raw = FortranToC(raw, shape, itemSize);
        return new NumpyArray(source, name, shape, kind, itemSize, bigEndian, raw);
    }

    /// <summary>Creates an array from raw bytes.</summary>
    /// <exception cref="ModelFileException">The type is not numeric, or the number of bytes does not match the shape.</exception>
    internal static NumpyArray FromRaw(string source, string name, int[] shape, string type, bool bigEndian, bool fortran, byte[] raw)
    {
        if (type is not ("f2" or "f4" or "f8" or "i1" or "i2" or "i4" or "i8" or "u1" or "u2" or "u4" or "u8" or "b1"))
            throw new ModelFileException(source, name, $"its element type is '{type}'; f2, f4, f8, i1-i8, u1-u8 and b1 can be read.");
        int itemSize = type[1] - '0';
        double bytes = shape.Aggregate((double)itemSize, (product, side) => product * side);
        if (bytes != raw.Length || shape.Length > 8)
            throw new ModelFileException(source, name,
                $"its shape is [{string.Join(", ", shape)}] of {type}, but there are {raw.Length} bytes.");
        if (fortran && shape.Length > 1)
            raw = FortranToC(raw, shape, itemSize);
        return new NumpyArray(source, name, shape, type[0], itemSize, bigEndian, raw);
    }

    /// <summary>Creates an array from doubles.</summary>
    internal static NumpyArray FromDoubles(string source, string name, int[] shape, double[] values) =>
        new(source, name, shape, 'f', 8, !BitConverter.IsLittleEndian, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>Returns the elements as 32-bit floats.</summary>
    /// <param name="shape">The required shape; -1 allows any size in a dimension, an empty span any shape.</param>
    /// <exception cref="ModelFileException">The shape differs, or an element is not finite.</exception>
    public float[] ToSingles(params ReadOnlySpan<int> shape)
    {
        Require(shape);
        float[] result = new float[Length];
        if (_kind == 'f' && _itemSize == 4 && !_bigEndian)
        {
            MemoryMarshal.Cast<byte, float>(_raw).CopyTo(result);
        }
        else
        {
            for (int i = 0; i < result.Length; i++)
                result[i] = (float)At(i);
        }
        if (result.Length == 0 || TensorPrimitives.IsFiniteAll<float>(result))
            return result;
        int bad = Array.FindIndex(result, v => !float.IsFinite(v));
        throw new ModelFileException(_source, _name, $"element {bad} is {result[bad]}; all must be finite.");
    }

    /// <summary>Returns the elements as 32-bit integers.</summary>
    /// <param name="shape">The required shape; -1 allows any size in a dimension, an empty span any shape.</param>
    /// <exception cref="ModelFileException">The shape differs, or an element is a fraction or outside 32 bits (4294967295 is read as
    /// -1).</exception>
    public int[] ToInt32s(params ReadOnlySpan<int> shape)
    {
        Require(shape);
        int[] result = new int[Length];
        for (int i = 0; i < result.Length; i++)
        {
            double value = At(i);
            if (value == uint.MaxValue)
                value = -1;
            if (!(value >= int.MinValue && value <= int.MaxValue) || value != Math.Truncate(value))
                throw new ModelFileException(_source, _name,
                    $"element {i} is {value.ToString(CultureInfo.InvariantCulture)}, which is not a 32-bit integer.");
            result[i] = (int)value;
        }
        return result;
    }

    private void Require(ReadOnlySpan<int> shape)
    {
        bool fits = shape.Length == 0 || shape.Length == Shape.Length;
        for (int i = 0; fits && i < shape.Length; i++)
            fits = shape[i] < 0 || shape[i] == Shape[i];
        if (!fits)
            throw new ModelFileException(_source, _name,
                $"its shape is [{string.Join(", ", Shape)}], but "
                + $"[{string.Join(", ", shape.ToArray().Select(d => d < 0 ? "any" : d.ToString(CultureInfo.InvariantCulture)))}] is "
                + $"needed.");
    }

    private double At(int index)
    {
        Span<byte> item = stackalloc byte[8];
        item = item[.._itemSize];
        _raw.AsSpan(index * _itemSize, _itemSize).CopyTo(item);
        if (_bigEndian)
            item.Reverse();
        return (_kind, _itemSize) switch
        {
            ('f', 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(item),
            ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(item),
            ('f', 8) => BinaryPrimitives.ReadDoubleLittleEndian(item),
            ('i', 1) => (sbyte)item[0],
            ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(item),
            ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(item),
            ('i', 8) => BinaryPrimitives.ReadInt64LittleEndian(item),
            ('u', 1) or ('b', 1) => item[0],
            ('u', 2) => BinaryPrimitives.ReadUInt16LittleEndian(item),
            ('u', 4) => BinaryPrimitives.ReadUInt32LittleEndian(item),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(item),
        };
    }

    private static int ElementCount(int[] shape) => shape.Aggregate(1, (product, d) => product * d);

    private static byte[] FortranToC(byte[] raw, int[] shape, int itemSize)
    {
        byte[] result = new byte[raw.Length];
        int count = ElementCount(shape);
        int[] index = new int[shape.Length];
        for (int c = 0; c < count; c++)
        {
            int f = 0;
            for (int d = shape.Length - 1; d >= 0; d--)
                f = f * shape[d] + index[d];
            raw.AsSpan(f * itemSize, itemSize).CopyTo(result.AsSpan(c * itemSize));
            for (int d = shape.Length - 1; d >= 0 && ++index[d] == shape[d]; d--)
                index[d] = 0;
        }
        return result;
    }

    private static byte[] ReadElements(Stream stream, int length, string source, string name)
    {
        try
        {
            return ZipReader.ReadPieces(stream, length);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new ModelFileException(source, name, "it is truncated or damaged.", e);
        }
    }

    /// <summary>Writes an array of floats as .npy (version 1, little endian, C order).</summary>
    public static void Write(Stream stream, ReadOnlySpan<float> values, params ReadOnlySpan<int> shape) =>
        Write(stream, MemoryMarshal.AsBytes(values), "<f4", values.Length, shape);

    /// <summary>Writes an array of integers as .npy (version 1, little endian, C order).</summary>
    public static void Write(Stream stream, ReadOnlySpan<int> values, params ReadOnlySpan<int> shape) =>
        Write(stream, MemoryMarshal.AsBytes(values), "<i4", values.Length, shape);

    private static void Write(Stream stream, ReadOnlySpan<byte> bytes, string descr, int length, ReadOnlySpan<int> shape)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (ElementCount(shape.ToArray()) != length)
            throw new ArgumentException($"The shape [{string.Join(", ", shape.ToArray())}] does not contain {length} elements.",
                nameof(shape));
        string dimensions = shape.Length == 1 ? $"{shape[0]}," : string.Join(", ", shape.ToArray());
        string header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({dimensions}), }}";
        int padded = (10 + header.Length + 1 + 63) / 64 * 64;
        byte[] start = new byte[padded];
        start.AsSpan().Fill((byte)' ');
        start[0] = 0x93;
        "NUMPY"u8.CopyTo(start.AsSpan(1));
        (start[6], start[7]) = (1, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(start.AsSpan(8), (ushort)(padded - 10));
        Encoding.ASCII.GetBytes(header, start.AsSpan(10));
        start[^1] = (byte)'\n';
        stream.Write(start);
        stream.Write(bytes);
    }
}
