using System.Buffers.Binary;
using System.Text.Json;

namespace Lwg.MLNet.Checkpoints;

/// <summary>The header of a safetensors file: an eight-byte length, JSON of names with types, shapes and offsets, and then the data. The
/// length of the header is limited, each tensor has exactly the bytes that its shape needs, and tensors do not overlap.</summary>
internal static class SafetensorsFile
{
    private const int LargestHeader = 100_000_000, MostTensors = 100_000, MostDimensions = 8, LongestName = 1000;

    /// <summary>A tensor.</summary>
    /// <param name="Name">The name.</param>
    /// <param name="Type">The PyTorch name of the type.</param>
    /// <param name="Code">The numpy code of the type; empty if the type is not supported.</param>
    /// <param name="Shape">The shape.</param>
    /// <param name="Position">The position of the data in the file.</param>
    public sealed record Entry(string Name, string Type, string Code, int[] Shape, long Position);

    /// <summary>Reads the header.</summary>
    /// <exception cref="ModelFileException">The header is damaged or too large, or tensors overlap.</exception>
    public static IReadOnlyList<Entry> Read(Stream file, string source)
    {
        try
        {
            Span<byte> length = stackalloc byte[8];
            file.Position = 0;
            file.ReadExactly(length);
            ulong size = BinaryPrimitives.ReadUInt64LittleEndian(length);
            if (size > LargestHeader || size > (ulong)(file.Length - 8))
                throw new ModelFileException(source, null,
                    $"its header claims {size} bytes; at most {Math.Min(LargestHeader, file.Length - 8)} are allowed.");
            using JsonDocument header = JsonDocument.Parse(ZipReader.ReadPieces(file, (int)size));
            return Entries(header.RootElement, 8 + (long)size, file.Length, source);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException
        or EndOfStreamException or IndexOutOfRangeException)
        {
            throw new ModelFileException(source, null, "its safetensors header is damaged: " + e.Message, e);
        }
    }

    private static List<Entry> Entries(JsonElement header, long data, long length, string source)
    {
        var entries = new List<Entry>();
        var places = new List<(long From, long To, string Name)>();
        var names = new HashSet<string>();
        foreach (JsonProperty tensor in header.EnumerateObject())
        {
            if (tensor.Name == "__metadata__")
                continue;
            if (entries.Count == MostTensors || tensor.Name.Length is 0 or > LongestName || !names.Add(tensor.Name))
                throw new ModelFileException(source, tensor.Name[..Math.Min(LongestName, tensor.Name.Length)],
                    $"at most {MostTensors} tensors with different names of 1 to {LongestName} characters are allowed.");
            int[] shape = [.. tensor.Value.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32())];
            (string type, string code, int size) = TypeOf(tensor.Value.GetProperty("dtype").GetString() ?? "", source, tensor.Name);
            JsonElement offsets = tensor.Value.GetProperty("data_offsets");
            (long from, long to) = (offsets[0].GetInt64(), offsets[1].GetInt64());
            double bytes = shape.Aggregate((double)size, (product, side) => product * side);
            if (shape.Length > MostDimensions || shape.Any(side => side < 0) || from < 0 || to < from || to > length - data
                || to - from != bytes)
                throw new ModelFileException(source, tensor.Name,
                    $"its shape is [{string.Join(", ", shape)}] of {type}, which needs {bytes} bytes, but its place is {from} to {to} of "
                    + $"{length - data}.");
            entries.Add(new Entry(tensor.Name, type, code, shape, data + from));
            if (to > from)
                places.Add((from, to, tensor.Name));
        }
        places.Sort();
        for (int i = 1; i < places.Count; i++)
        {
            if (places[i].From < places[i - 1].To)
                throw new ModelFileException(source, places[i].Name,
                    $"it overlaps the tensor '{places[i - 1].Name}', which is not allowed.");
        }
        return entries;
    }

    private static (string Type, string Code, int Size) TypeOf(string type, string source, string name) => type switch
    {
        "F32" => ("float32", "f4", 4),
        "F64" => ("float64", "f8", 8),
        "F16" => ("float16", "f2", 2),
        "BF16" => ("bfloat16", "bf", 2),
        "I64" => ("int64", "i8", 8),
        "I32" => ("int32", "i4", 4),
        "I16" => ("int16", "i2", 2),
        "I8" => ("int8", "i1", 1),
        "U8" => ("uint8", "u1", 1),
        "BOOL" => ("bool", "b1", 1),
        "U16" => ("uint16", "", 2),
        "U32" => ("uint32", "", 4),
        "U64" => ("uint64", "", 8),
        "F8_E5M2" or "F8_E4M3" => (type.ToLowerInvariant(), "", 1),
        _ => throw new ModelFileException(source, name, $"its type is '{type}', which is not a known safetensors type."),
    };
}
