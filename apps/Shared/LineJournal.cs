using System.Text;

namespace Lwg.MLNet.Apps;

/// <summary>A text file to which a run adds a line for each finished step, so that the next run can resume. An incomplete line at the
/// end, left by a killed process, is removed. One process at a time can open it.</summary>
internal sealed class LineJournal : IDisposable
{
    private readonly FileStream _file;
    private readonly List<string> _lines = [];
    private readonly List<int> _ends = [];

    /// <summary>Opens or creates a journal.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">Another process has it open, or it cannot be read.</exception>
    public LineJournal(string path)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            byte[] bytes = new byte[_file.Length];
            _file.ReadExactly(bytes);
            for (int start = 0, length; (length = bytes.AsSpan(start).IndexOf((byte)'\n')) >= 0; start += length + 1)
            {
                _lines.Add(Encoding.UTF8.GetString(bytes, start, length));
                _ends.Add(start + length + 1);
            }
            Keep(_lines.Count);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The lines that the file contained when it was opened and that are kept.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Removes all lines after the first ones.</summary>
    /// <param name="count">How many lines of <see cref="Lines"/> are kept.</param>
    public void Keep(int count)
    {
        _lines.RemoveRange(count, _lines.Count - count);
        _ends.RemoveRange(count, _ends.Count - count);
        int end = count == 0 ? 0 : _ends[^1];
        _file.SetLength(end);
        _file.Position = end;
    }

    /// <summary>Adds a line; it is on the disk when the method returns.</summary>
    /// <param name="line">The text, without line breaks.</param>
    public void Add(string line)
    {
        _file.Write(Encoding.UTF8.GetBytes(line + '\n'));
        _file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
