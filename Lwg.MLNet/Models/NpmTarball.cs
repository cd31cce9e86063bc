using System.IO.Compression;
using System.Text;

namespace Lwg.MLNet.Models;

/// <summary>Reads an npm package (.tgz): a tar file, compressed by gzip, with one top folder. It is read once, sequentially, and only
/// requested files are kept.</summary>
internal static class NpmTarball
{
    private const int Block = 512, MostFiles = 10_000;
    private const long LargestPackage = 1L << 30, LargestFile = 64L << 20;

    /// <summary>Reads files of a package.</summary>
    /// <param name="path">The package file.</param>
    /// <param name="wanted">Selects files by their name in the package, without the top folder.</param>
    /// <returns>The selected files that exist, by name.</returns>
    /// <exception cref="ModelFileException">The file is damaged, not such a package, or larger than allowed.</exception>
    public static Dictionary<string, byte[]> Read(string path, Predicate<string> wanted)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using var unzipped = new GZipStream(file, CompressionMode.Decompress);
            return Read(unzipped, path, wanted);
        }
        catch (EndOfStreamException e)
        {
            throw new ModelFileException(path, null, "it is truncated.", e);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(path, null, "it is damaged or not a .tgz file: " + e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, null, "it cannot be read: " + e.Message, e);
        }
    }

    private static Dictionary<string, byte[]> Read(Stream tar, string path, Predicate<string> wanted)
    {
        var files = new Dictionary<string, byte[]>();
        byte[] header = new byte[Block];
        long total = 0;
        for (int count = 0; ; count++)
        {
            tar.ReadExactly(header);
            // An empty header marks the end.
            if (header.AsSpan().IndexOfAnyExcept((byte)0) < 0)
                return files;
            if (count == MostFiles)
                throw new ModelFileException(path, null, $"it contains more than {MostFiles} files.");
            CheckSum(header, path);
            long size = Octal(header.AsSpan(124, 12), path);
            total += size;
            if (size < 0 || total > LargestPackage)
                throw new ModelFileException(path, null, $"its files have more than {LargestPackage} bytes.");
            string name = NameOf(header);
            long padding = (Block - size % Block) % Block;
            if (header[156] is (byte)'0' or 0 && wanted(name))
            {
                if (size > LargestFile)
                    throw new ModelFileException(path, name, $"it claims {size} bytes; at most {LargestFile} are allowed.");
                if (!files.TryAdd(name, ReadFile(tar, (int)size)))
                    throw new ModelFileException(path, name, "it occurs twice.");
            }
            else
            {
                Skip(tar, size);
            }
            Skip(tar, padding);
        }
    }

    // Memory is allocated as the data is read, not by the size in the header.
    private static byte[] ReadFile(Stream tar, int size)
    {
        var bytes = new MemoryStream(Math.Min(size, 1 << 16));
        byte[] part = new byte[1 << 16];
        while (bytes.Length < size)
        {
            int read = tar.Read(part, 0, (int)Math.Min(part.Length, size - bytes.Length));
            if (read == 0)
                throw new EndOfStreamException();
            bytes.Write(part, 0, read);
        }
        return bytes.ToArray();
    }

    private static void Skip(Stream tar, long bytes)
    {
        byte[] part = new byte[Math.Min(bytes, 1 << 16)];
        while (bytes > 0)
        {
            int read = tar.Read(part, 0, (int)Math.Min(part.Length, bytes));
            if (read == 0)
                throw new EndOfStreamException();
            bytes -= read;
        }
    }

    private static void CheckSum(byte[] header, string path)
    {
        long sum = 0;
        for (int i = 0; i < Block; i++)
            sum += i is >= 148 and < 156 ? ' ' : header[i];
        if (sum != Octal(header.AsSpan(148, 8), path))
            throw new ModelFileException(path, null, "the header of a file in it is damaged, or it is not a tar file.");
    }

    private static long Octal(ReadOnlySpan<byte> field, string path)
    {
        long value = 0;
        foreach (byte digit in field.Trim((byte)' ').TrimEnd((byte)0).Trim((byte)' '))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                throw new ModelFileException(path, null,
                    "a number in the header of a file in it is not octal, so it is damaged, or it is not a tar file.");
            value = value * 8 + (digit - '0');
        }
        return value;
    }

    // The name without the top folder, which is 'package' in most packages.
    private static string NameOf(byte[] header)
    {
        string name = Text(header.AsSpan(0, 100));
        if (header.AsSpan(257, 5).SequenceEqual("ustar"u8) && Text(header.AsSpan(345, 155)) is { Length: > 0 } prefix)
            name = $"{prefix}/{name}";
        return name[(name.IndexOf('/') + 1)..];
    }

    private static string Text(ReadOnlySpan<byte> field) =>
        Encoding.UTF8.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);
}
