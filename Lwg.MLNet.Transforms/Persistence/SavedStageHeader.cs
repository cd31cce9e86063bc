using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>The header of one transformer in a saved model (ML.NET's ModelHeader, 256 bytes, followed by the data of the transformer, its
/// strings, and the name of its assembly), validated against the table of allowed transformers.</summary>
internal sealed partial class SavedStageHeader
{
    private const int Size = 0x100;
    private const ulong Signature = 0x4C45444F4D004C4D, TailSignature = 0x4D4C004D4F44454C;

    // The allowed loaders: their second name, their assembly, and the version of their format. The checks below depend on the formats of
    // these versions.
    private static readonly Dictionary<string, (string Alternative, string Assembly, uint Version)> s_loaders = new(StringComparer.Ordinal)
    {
        [StageFile.Signature] = ("", "Lwg.MLNet.Transforms", 0x00010001),
        ["TransformerChain"] = ("", "Microsoft.ML.Data", 0x00010001),
        ["CopyTransform"] = ("", "Microsoft.ML.Data", 0x00010001),
        ["ConcatTransform"] = ("ConcatFunction", "Microsoft.ML.Data", 0x00010003),
        ["SelectColumnsTransform"] = ("", "Microsoft.ML.Data", 0x00010001),
    };

    private readonly byte[] _bytes;
    private readonly string _file, _entry;
    private readonly int _length;

    private SavedStageHeader(byte[] bytes, string file, string entry)
    {
        (_bytes, _file, _entry) = (bytes, file, entry);
        if (bytes.Length < Size || At(0x00) != Signature)
            throw Refused("it is not the header of a transformer.");
        if (At(0x88) != (ulong)bytes.Length || At(0x80) != (ulong)bytes.Length - 8
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(bytes.Length - 8)) != TailSignature)
            throw Refused("it does not end where its header says.");
        (Loader, string alternative) = (Name(0x50), Name(0x68));
        if (!s_loaders.TryGetValue(Loader, out (string Alternative, string Assembly, uint Version) allowed))
            throw Refused($"its transformer '{Loader}' is not allowed; allowed are {string.Join(", ", s_loaders.Keys)}. "
                + $"(If you trust the file, mlContext.Model.Load loads others.)");
        if (alternative.Length > 0 && alternative != allowed.Alternative)
            throw Refused($"its transformer's second name '{alternative}' is not allowed.");
        string assembly = Encoding.Unicode.GetString(
            Block(0x90, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(0x98)), "assembly's name").Span);
        // The name must not contain further fields, such as a code base.
        if (assembly != allowed.Assembly
            && !(AssemblyName().Match(assembly) is { Success: true } full && full.Groups["name"].Value == allowed.Assembly))
            throw Refused($"it names the assembly '{(assembly.Length > 200 ? assembly[..200] : assembly)}'; '{Loader}' is in "
                + $"{allowed.Assembly}.");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(0x48));
        if (version != allowed.Version)
            throw Refused($"its format has version {version:x}; {allowed.Version:x} is read.");
        if (At(0x10) != Size)
            throw Refused("its bytes do not follow its header.");
        _length = Block(0x10, At(0x18), "bytes").Length;
        CheckStrings();
        CheckCounts();
    }

    /// <summary>The name of the transformer in the table.</summary>
    public string Loader { get; }

    /// <exception cref="ModelFileException">The transformer is not in the table, or its counts do not match its size.</exception>
    public static SavedStageHeader Parse(byte[] bytes, string file, string entry) => new(bytes, file, entry);

    /// <summary>Reads a count from the data of the transformer. It must exist and must not be negative.</summary>
    /// <param name="at">The offset of the count.</param>
    public int Words(int at)
    {
        int count = at >= 0 && at + 4 <= _length ? BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(Size + at)) : -1;
        return count >= 0 ? count : throw Refused("a count is missing or negative.");
    }

    /// <summary>Throws if the number of 32-bit values does not match the counts.</summary>
    /// <param name="words">The required number of values.</param>
    /// <param name="before">The number of bytes before them.</param>
    public void RequireWords(long words, int before = 0)
    {
        if (before + 4 * words != _length)
            throw Refused($"its counts make {before + 4 * words} bytes, but it has {_length}.");
    }

    // Checks the counts from which ML.NET allocates arrays before it reads on.
    private void CheckCounts()
    {
        const int Flags = 3;
        switch (Loader)
        {
            case "CopyTransform":
                RequireWords(1 + 2 * (long)Words(0));
                break;
            case "SelectColumnsTransform":
                RequireWords(1 + (long)Words(Flags), Flags);
                break;
            case "ConcatTransform":
                // Each column has its name, the number of its sources, and a name and an alias for each source.
                int columns = Words(0);
                long at = 4;
                for (int i = 0; i < columns; i++)
                    at = at + 8 <= _length ? at + 8 + 8 * (long)Words((int)at + 4)
                        : throw Refused("its counts make more bytes than it has.");
                RequireWords(at / 4);
                break;
        }
    }

    private void CheckStrings()
    {
        ReadOnlySpan<byte> table = Block(0x20, At(0x28), "table of strings").Span;
        long length = Block(0x30, At(0x38), "strings").Length, before = 0;
        if (table.Length % 8 != 0)
            throw Refused("its table of strings is truncated.");
        for (int at = 0; at < table.Length; at += 8)
        {
            long end = BinaryPrimitives.ReadInt64LittleEndian(table[at..]);
            if (end < before || end > length || end % 2 != 0)
                throw Refused("its strings are not at the positions in their table.");
            before = end;
        }
    }

    private ReadOnlyMemory<byte> Block(int field, ulong length, string what)
    {
        ulong start = At(field);
        if (start > (ulong)_bytes.Length || length > (ulong)_bytes.Length - start)
            throw Refused($"its {what} must not extend beyond its end.");
        return _bytes.AsMemory((int)start, (int)length);
    }

    private ulong At(int field) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(field));

    private string Name(int field) => Encoding.Latin1.GetString(_bytes.AsSpan(field, 24)).TrimEnd('\0');

    private ModelFileException Refused(string reason) => new(_file, _entry, reason);

    [GeneratedRegex(@"^(?<name>[A-Za-z.]+), Version=[0-9]{1,5}(\.[0-9]{1,5}){3}, Culture=neutral, PublicKeyToken=([0-9a-f]{16}|null)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AssemblyName();
}
