using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lwg.MLNet.Checkpoints;

/// <summary>The header of a .npy array of any element type.</summary>
/// <param name="Type">The type in numpy's notation: &lt;f4, |O, &lt;U6, or a list of fields.</param>
/// <param name="IsFortran">Whether the first index varies fastest.</param>
/// <param name="Shape">The dimensions; empty for a scalar.</param>
internal sealed partial record NumpyHeader(string Type, bool IsFortran, int[] Shape)
{
    private const int LargestHeader = 65536, MostDimensions = 8;

    /// <summary>Reads a header from a stream positioned at the magic bytes, and leaves the stream after the header.</summary>
    /// <exception cref="ModelFileException">There is no header, or it is truncated.</exception>
    public static NumpyHeader Read(Stream stream, string source, string name)
    {
        Span<byte> start = stackalloc byte[8];
        ReadExactly(stream, start, source, name);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new ModelFileException(source, name, "it does not start with numpy's magic bytes, so it is not a .npy array.");
        int major = start[6];
        if (major is < 1 or > 3)
            throw new ModelFileException(source, name, $"its format version is {major}; 1, 2 and 3 can be read.");
        Span<byte> size = stackalloc byte[4];
        size.Clear();
        ReadExactly(stream, size[..(major == 1 ? 2 : 4)], source, name);
        uint headerLength = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (headerLength > LargestHeader)
            throw new ModelFileException(source, name, $"its header claims {headerLength} bytes; at most {LargestHeader} are allowed.");
        byte[] headerBytes = new byte[headerLength];
        ReadExactly(stream, headerBytes, source, name);
        return Parse(Encoding.Latin1.GetString(headerBytes), source, name);
    }

    /// <summary>Returns a readable name of a type: f4, text, objects.</summary>
    public static string Readable(string type)
    {
        string plain = type.TrimStart('<', '>', '=', '|');
        return plain.Length == 0 ? "unknown" : plain[0] switch
        {
            'U' or 'S' or 'a' => $"{plain} (text)",
            'O' => "objects",
            'M' or 'm' => $"{plain} (time)",
            'V' or '[' => "fields",
            'c' => $"{plain} (complex)",
            _ => plain,
        };
    }

    /// <summary>Returns the components of a numeric type.</summary>
    /// <exception cref="ModelFileException">The type is not supported.</exception>
    public (bool IsBigEndian, char Kind, int Size) NumberType(string source, string name)
    {
        Match match = NumberPattern().Match(Type);
        if (!match.Success || match.Groups[2].Value is not ("f2" or "f4" or "f8" or "i1" or "i2" or "i4" or "i8" or "u1" or "u2" or "u4"
            or "u8" or "b1"))
            throw new ModelFileException(source, name,
                $"its element type is '{Type.TrimStart('<', '>', '=', '|')}'; f2, f4, f8, i1-i8, u1-u8 and b1 can be read.");
        string type = match.Groups[2].Value;
        return (match.Groups[1].Value == ">", type[0], type[1] - '0');
    }

    private static NumpyHeader Parse(string header, string source, string name)
    {
        Match descr = DescrPattern().Match(header), order = OrderPattern().Match(header), shapeMatch = ShapePattern().Match(header);
        if (!descr.Success || !order.Success || !shapeMatch.Success)
            throw new ModelFileException(source, name, "its header lacks a plain 'descr', 'fortran_order' or 'shape'.");
        var dimensions = new List<int>();
        foreach (string part in shapeMatch.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries
            | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out int dimension))
                throw new ModelFileException(source, name, $"its shape ({shapeMatch.Groups[1].Value}) is not a list of sizes.");
            dimensions.Add(dimension);
        }
        if (dimensions.Count > MostDimensions)
            throw new ModelFileException(source, name, $"it has {dimensions.Count} dimensions; at most {MostDimensions} are allowed.");
        return new NumpyHeader(descr.Groups[1].Success ? descr.Groups[1].Value : "[", order.Groups[1].Value == "True", [.. dimensions]);
    }

    private static void ReadExactly(Stream stream, Span<byte> into, string source, string name)
    {
        try
        {
            stream.ReadExactly(into);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new ModelFileException(source, name, "it is truncated or damaged.", e);
        }
    }

    [GeneratedRegex(@"'descr'\s*:\s*(?:'([^']*)'|\[)")]
    private static partial Regex DescrPattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();

    [GeneratedRegex(@"^([<>|=]?)([a-zA-Z]\d{1,2})$")]
    private static partial Regex NumberPattern();
}
