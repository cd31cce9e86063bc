using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>Validates the zip file of a saved model before ML.NET reads it. The check walks the chain as ML.NET does and collects every
/// allowed entry; all other entries are rejected. Only the headers of the stages and the schema are unpacked, which are small.</summary>
internal sealed class ModelZipCheck
{
    // The maximum size that StageFile reads from one entry, the maximum total size, and the maximum ratio of unpacked to packed size
    // (weights are compressed to a half at best, JSON to a tenth).
    private const long LargestEntry = 1 << 30, LargestModel = 2L << 30, Ratio = 200, Allowance = 1 << 20;

    // A stage has three entries, one for each learned person, and two that several stages can share.
    private const int MostEntries = 4096, LongestName = 260, MostStages = 1024, DeepestChain = 8;

    // Headers and schemas have some hundred bytes per column.
    private const int LargestHeader = 1 << 20;

    private const string Root = "TransformerChain", SchemaName = "Schema", SharedFolder = StageFile.SharedFolder + "/";

    private readonly string _file;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal) { "TrainingInfo/Version.txt", SchemaName };
    private int _stages;

    private ModelZipCheck(string file) => _file = file;

    /// <summary>Throws if a model contains entries that are not allowed.</summary>
    /// <param name="stream">The zip file; it is left open, at an undefined position.</param>
    /// <param name="file">The name of the file, for errors.</param>
    /// <exception cref="ModelFileException">The file contains other entries, or is damaged.</exception>
    public static void Run(Stream stream, string file)
    {
        var check = new ModelZipCheck(file);
        try
        {
            check.Directory(stream);
            stream.Position = 0;
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            check.Entries(zip);
            check.Stage(Root, 0);
            if (check._entries.TryGetValue(SchemaName, out ZipArchiveEntry? schema))
                SavedSchemaCheck.Run(check.Read(schema, SchemaName), file, SchemaName);
            check.NothingElse();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new ModelFileException(file, null, "it is not a saved model, or it is truncated or damaged: " + e.Message, e);
        }
    }

    // ZipArchive creates an object for everything that looks like a directory entry before it checks the count. Therefore the directory
    // must end exactly where its header says.
    private void Directory(Stream stream)
    {
        const int RecordLength = 22, LongestComment = 65535;
        const uint Signature = 0x06054B50;
        byte[] tail = new byte[(int)Math.Min(stream.Length, RecordLength + LongestComment)];
        long start = stream.Length - tail.Length;
        stream.Position = start;
        stream.ReadExactly(tail);
        int at = tail.Length - RecordLength;
        while (at >= 0 && BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) != Signature)
            at--;
        if (at < 0)
            throw new InvalidDataException("The zip file has no end.");
        int count = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 10));
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 12)),
            offset = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
        // Zip64 files, over 4 GB, have the maximum values in these fields.
        if (count > MostEntries || length > MostEntries * 2L * LongestName)
            throw Refused(null, $"its directory claims {count} entries in {length} bytes; at most {MostEntries} entries are allowed.");
        if (offset + (long)length != start + at)
            throw new InvalidDataException("The zip file's directory is not at its end.");
    }

    private void Entries(ZipArchive zip)
    {
        long total = 0;
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            // ML.NET writes the path separator of the operating system.
            string name = entry.FullName.Replace('\\', '/');
            if (name.Length is 0 or > LongestName || name.Any(char.IsControl) || name.Split('/').Any(part => part is "" or "." or "..")
                || name.Contains(':'))
                throw Refused(name.Length > LongestName ? name[..LongestName] : name, "the entry's name is not one that a model has.");
            if (entry.Length > LargestEntry)
                throw Refused(name, $"it claims {entry.Length} bytes; at most {LargestEntry} are allowed.");
            if (entry.Length > Allowance + Ratio * entry.CompressedLength)
                throw Refused(name, $"it claims {entry.Length} bytes out of {entry.CompressedLength}; at most {Ratio} times as many and "
                    + $"{Allowance} are unpacked.");
            if ((total += entry.Length) > LargestModel)
                throw Refused(name, $"with it the model has more than {LargestModel} bytes, which is the maximum.");
            if (!_entries.TryAdd(name, entry))
                throw Refused(name, "there are two entries of this name.");
        }
    }

    private void Stage(string folder, int depth)
    {
        if (depth > DeepestChain)
            throw Refused(folder, $"chains are nested more than {DeepestChain} levels deep.");
        if (++_stages > MostStages)
            throw Refused(folder, $"the model has more than {MostStages} stages.");
        string name = folder + "/Model.key";
        if (!_entries.TryGetValue(name, out ZipArchiveEntry? entry))
            throw Refused(name, "it is missing.");
        _known.Add(name);
        var header = SavedStageHeader.Parse(Read(entry, name), _file, name);
        switch (header.Loader)
        {
            case "TransformerChain":
                int count = header.Words(0);
                header.RequireWords(1 + (long)count);
                for (int i = 0; i < count; i++)
                    Stage(string.Create(CultureInfo.InvariantCulture, $"{folder}/Transform_{i:000}"), depth + 1);
                break;
            case StageFile.Signature:
                header.RequireWords(0);
                _known.Add($"{folder}/{StageFile.StateEntry}");
                _known.Add($"{folder}/{StageFile.OldPeopleEntry}");
                for (int i = 0; _entries.ContainsKey($"{folder}/{StageFile.PersonEntry(i)}"); i++)
                    _known.Add($"{folder}/{StageFile.PersonEntry(i)}");
                break;
        }
    }

    private void NothingElse()
    {
        if (_entries.Keys.FirstOrDefault(name => !_known.Contains(name) && !IsShared(name)) is { } strange)
            throw Refused(strange, "a model of these stages has no such entry.");
    }

    private static bool IsShared(string name)
    {
        if (!name.StartsWith(SharedFolder, StringComparison.Ordinal))
            return false;
        string file = name[SharedFolder.Length..];
        return file.Length > 64 && file.Split('-', '.') is [("Body" or "Network") and var kind, { Length: 64 } hash, var ending]
            && hash.All(char.IsAsciiHexDigitLower) && ending == (kind == "Body" ? "npz" : "zip");
    }

    private byte[] Read(ZipArchiveEntry entry, string name)
    {
        if (entry.Length > LargestHeader)
            throw Refused(name, $"it has {entry.Length} bytes; at most {LargestHeader} are allowed.");
        byte[] bytes = new byte[entry.Length];
        using Stream from = entry.Open();
        from.ReadExactly(bytes);
        return bytes;
    }

    private ModelFileException Refused(string? entry, string reason) => new(_file, entry, reason);
}
