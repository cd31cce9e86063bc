using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>Validates the schema of a saved model: a file of ML.NET's binary loader without rows. It allows columns of the ML.NET types,
/// vectors of them, and annotations that are a single value or a few names, as in the columns of this library.</summary>
internal ref struct SavedSchemaCheck
{
    private const int HeaderSize = 0x100, MostColumns = 4096, MostAnnotations = 64, MostDimensions = 16;

    // The maximum number of elements of a column; the largest picture has 12 million. A block of an annotation is a number or a text;
    // unpacked, it has at most a thousand times the size.
    private const int MostElements = 1 << 28, LargestBlock = 4096, MostNames = 4096;

    private const ulong Signature = 0x00425644004C4D43, TailSignature = 0x434D4C0044564200;

    private static readonly HashSet<string> s_types = new(StringComparer.Ordinal)
    {
        "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Single", "Double", "TextSpan", "Boolean", "DateTime",
        "DateTimeZone", "DateTimeOffset", "TimeSpan", "RowId",
    };

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _file, _entry;
    private int _at;

    private SavedSchemaCheck(ReadOnlySpan<byte> bytes, string file, string entry)
    {
        _bytes = bytes;
        (_file, _entry) = (file, entry);
    }

    /// <exception cref="ModelFileException">The schema contains something else, or offsets outside of it.</exception>
    public static void Run(ReadOnlySpan<byte> bytes, string file, string entry)
    {
        var check = new SavedSchemaCheck(bytes, file, entry);
        check.Run();
    }

    private void Run()
    {
        if (_bytes.Length < HeaderSize + 8 || BinaryPrimitives.ReadUInt64LittleEndian(_bytes) != Signature)
            throw Refused("it is not ML.NET's schema.");
        _at = 0x18;
        long toc = Int64(), tail = Int64(), rows = Int64();
        int columns = Int32();
        if (rows != 0)
            throw Refused($"it claims {rows} rows; a schema has none.");
        if (columns is < 0 or > MostColumns)
            throw Refused($"it claims {columns} columns; at most {MostColumns} are allowed.");
        Seek(tail);
        if ((ulong)Int64() != TailSignature)
            throw Refused("it does not end where its header says.");
        if (columns == 0)
            return;
        Seek(toc);
        for (int i = 0; i < columns; i++)
        {
            string name = Text();
            Type(name, vectors: true, 0);
            Skip(1);
            Number();
            Skip(8);
            long annotations = Int64();
            if (annotations == 0)
                continue;
            int next = _at;
            Annotations(annotations, name);
            _at = next;
        }
    }

    private void Annotations(long offset, string column)
    {
        Seek(offset);
        ulong count = Number();
        if (count > MostAnnotations)
            throw Refused($"column '{column}' claims {count} annotations; at most {MostAnnotations} are allowed.");
        for (ulong i = 0; i < count; i++)
        {
            string kind = Text();
            int names = Names($"{column}', annotation '{kind}");
            if (names == 0)
                Type($"{column}', annotation '{kind}", vectors: false, 0);
            byte packing = Take(1)[0];
            long block = Int64();
            ulong length = Number();
            if (length > LargestBlock || block < HeaderSize || block > _bytes.Length - (long)length)
                throw Refused($"annotation '{kind}' of column '{column}' claims {length} bytes at {block}; at most {LargestBlock} within "
                    + $"the schema are allowed.");
            if (names > 0)
                NamesBlock(_bytes.Slice((int)block, (int)length), packing, names, column, kind);
        }
    }

    // Returns the number of texts of a vector with known size; 0 for another type, which is not consumed.
    private int Names(string column)
    {
        int start = _at;
        if (Text() != "VBuffer")
        {
            _at = start;
            return 0;
        }
        ulong length = Number();
        int from = _at;
        if (Text() != "TextSpan" || Number() != 0 || Int32() != 1)
            throw Refused($"column '{column}' is a vector of something other than names.");
        int count = Int32();
        if (count is < 1 or > MostNames || length != (ulong)(_at - from))
            throw Refused($"column '{column}' claims {count} names; 1 to {MostNames} are allowed.");
        return count;
    }

    // ML.NET allocates memory for the claimed number of indices before it reads them. Therefore only one dense vector, without indices,
    // is allowed.
    private readonly void NamesBlock(ReadOnlySpan<byte> block, byte packing, int names, string column, string kind)
    {
        Span<byte> head = stackalloc byte[16];
        try
        {
            using var packed = new MemoryStream(block.ToArray());
            using Stream stream = packing == 0 ? packed : new DeflateStream(packed, CompressionMode.Decompress);
            stream.ReadExactly(head);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Refused($"annotation '{kind}' of column '{column}' is damaged.");
        }
        int vectors = BinaryPrimitives.ReadInt32LittleEndian(head), size = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        int count = BinaryPrimitives.ReadInt32LittleEndian(head[8..]), indices = BinaryPrimitives.ReadInt32LittleEndian(head[12..]);
        if (packing > 1 || vectors != 1 || size != names || count != -1 || indices != 0)
            throw Refused($"annotation '{kind}' of column '{column}' must be one full vector of {names} names.");
    }

    // A type consists of its name, the length of its details, and the details: element type and dimensions for vectors, type and count
    // for keys.
    private void Type(string column, bool vectors, int depth)
    {
        if (depth > 2)
            throw Refused($"column '{column}' has nested types.");
        string type = Text();
        ulong length = Number();
        int start = _at;
        switch (type)
        {
            case "VBuffer" when vectors && depth == 0:
                Type(column, vectors, depth + 1);
                int dimensions = Int32();
                if (dimensions is < 0 or > MostDimensions)
                    throw Refused($"column '{column}' claims {dimensions} dimensions; at most {MostDimensions} are allowed.");
                long elements = 1;
                for (int i = 0; i < dimensions; i++)
                {
                    int side = Int32();
                    elements *= Math.Max(side, 1);
                    if (side < 0 || elements > MostElements)
                        throw Refused($"column '{column}' claims a vector of more than {MostElements} elements.");
                }
                break;
            case "Key2":
                Type(column, vectors: false, depth + 1);
                Skip(8);
                break;
            default:
                if (!s_types.Contains(type))
                    throw Refused($"column '{column}' is of type '{type}', which is not allowed{(vectors ? "" : " there")}.");
                break;
        }
        if (length != (ulong)(_at - start))
            throw Refused($"column '{column}' has a type of {_at - start} bytes, but claims {length}.");
    }

    private int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    private long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    private string Text()
    {
        ulong length = Number();
        if (length > 1024)
            throw Refused($"a name claims {length} bytes; at most 1024 are allowed.");
        return Encoding.UTF8.GetString(Take((int)length));
    }

    // LEB128.
    private ulong Number()
    {
        ulong value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte b = Take(1)[0];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        throw Refused("a number in it has no end.");
    }

    private void Skip(int count) => Take(count);

    private void Seek(long at) => _at = at >= HeaderSize && at < _bytes.Length ? (int)at
        : throw Refused("an offset in it is outside the schema.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
            throw Refused("it is truncated.");
        ReadOnlySpan<byte> taken = _bytes.Slice(_at, count);
        _at += count;
        return taken;
    }

    private readonly ModelFileException Refused(string reason) => new(_file, _entry, reason);
}
