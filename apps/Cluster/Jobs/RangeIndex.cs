using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Lwg.MLNet.Cluster;

/// <summary>One entry of a job's index of ranges: the start of a range in the file of rows, and the source of its first row.</summary>
/// <param name="FirstRow">The index of its first row, from 0.</param>
/// <param name="Offset">Its start in the file of rows, in bytes.</param>
/// <param name="Source">Identifies the source: a part of the hash of the first row's source.</param>
internal readonly record struct RangeEntry(long FirstRow, long Offset, long Source)
{
    public const int Size = 24;

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, FirstRow);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Source);
    }

    public static RangeEntry Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));

    public static long SourceOf(string source) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
}

/// <summary>A job's index of ranges, read page by page. The entry after the last range contains the end of the rows.</summary>
/// <param name="store">The store.</param>
/// <param name="job">The job.</param>
/// <param name="ranges">The number of ranges.</param>
internal sealed class RangeIndex(IStore store, string job, int ranges)
{
    public const string Name = "ranges.bin";
    public const string RowsName = "rows.jsonl";
    private const int PageLength = 2048;

    // The number of bytes of the file of rows that are read at a time when all rows are read.
    private const long PieceLength = 1 << 20;

    private RangeEntry[] _page = [];
    private int _first = -1;

    /// <summary>Returns the entry of a range; the number of ranges gives the entry of the end.</summary>
    public async ValueTask<RangeEntry> GetAsync(int range)
    {
        int first = range / PageLength * PageLength;
        if (first != _first)
        {
            int count = Math.Min(PageLength, ranges + 1 - first);
            byte[] bytes = await store.ReadAsync(JobFile.NameOf(job, Name), (long)first * RangeEntry.Size, count * RangeEntry.Size);
            _page = [.. Enumerable.Range(0, count).Select(i => RangeEntry.Read(bytes.AsSpan(i * RangeEntry.Size)))];
            _first = first;
        }
        return _page[range - first];
    }

    /// <summary>Reads all rows of a job, in order.</summary>
    public static async IAsyncEnumerable<RowLine> ReadRowsAsync(IStore store, JobFile job)
    {
        var index = new RangeIndex(store, job.Id, job.Ranges);
        RangeEntry from = await index.GetAsync(0);
        for (int range = 1; range <= job.Ranges; range++)
        {
            RangeEntry to = await index.GetAsync(range);
            if (range < job.Ranges && to.Offset - from.Offset < PieceLength)
                continue;
            foreach (byte[] line in RowLine.Split(
                await store.ReadAsync(JobFile.NameOf(job.Id, RowsName), from.Offset, checked((int)(to.Offset - from.Offset)))))
                yield return RowLine.Parse(line);
            from = to;
        }
    }

    /// <summary>Reads the lines of a range's rows.</summary>
    public static async Task<byte[][]> ReadLinesAsync(IStore store, string job, int range)
    {
        byte[] bytes = await store.ReadAsync(JobFile.NameOf(job, Name), (long)range * RangeEntry.Size, 2 * RangeEntry.Size);
        RangeEntry from = RangeEntry.Read(bytes), to = RangeEntry.Read(bytes.AsSpan(RangeEntry.Size));
        return [.. RowLine.Split(await store.ReadAsync(JobFile.NameOf(job, RowsName), from.Offset,
            checked((int)(to.Offset - from.Offset))))];
    }
}
