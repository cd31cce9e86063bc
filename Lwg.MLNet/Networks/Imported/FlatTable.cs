using System.Runtime.InteropServices;
using Google.FlatBuffers;

namespace Lwg.MLNet.Networks.Imported;

/// <summary>
/// A table of a FlatBuffers file, with fields by their numbers in the schema. An offset or a length that points outside the file causes
/// an <see cref="ArgumentOutOfRangeException"/>, also in malicious files.
/// </summary>
internal readonly struct FlatTable
{
    private readonly byte[] _bytes;
    private readonly Table _table;

    private FlatTable(byte[] bytes, ByteBuffer buffer, int position)
    {
        _bytes = bytes;
        _table = new Table(position, buffer);
    }

    /// <summary>Returns the root table of a file.</summary>
    public static FlatTable Root(byte[] bytes)
    {
        var buffer = new ByteBuffer(bytes);
        return new FlatTable(bytes, buffer, buffer.GetInt(0));
    }

    /// <summary>Reads a field of 32 bits.</summary>
    public int Int(int field, int fallback = 0) => At(field) is > 0 and var at ? _table.bb.GetInt(at) : fallback;

    /// <summary>Reads a field of 8 bits.</summary>
    public byte Byte(int field, byte fallback = 0) => At(field) is > 0 and var at ? _table.bb.Get(at) : fallback;

    /// <summary>Reads a string, cut at 200 characters; empty if there is none.</summary>
    public string Text(int field)
    {
        (int start, int length) = Vector(field, 1);
        return System.Text.Encoding.UTF8.GetString(_bytes, start, Math.Min(length, 200));
    }

    /// <summary>Reads a table; null if there is none.</summary>
    public FlatTable? Child(int field) => At(field) is > 0 and var at ? Table(at) : null;

    /// <summary>Reads a list of tables.</summary>
    /// <param name="field">The field's number.</param>
    /// <param name="most">The maximum length.</param>
    public FlatTable[] Children(int field, int most)
    {
        (int start, int length) = Vector(field, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, most);
        var tables = new FlatTable[length];
        for (int i = 0; i < length; i++)
            tables[i] = Table(start + 4 * i);
        return tables;
    }

    /// <summary>Reads a list of integers of 8, 16 or 32 bits.</summary>
    public int[] Ints<T>(int field) where T : unmanaged
    {
        (int start, int length) = Vector(field, Marshal.SizeOf<T>());
        int[] numbers = new int[length];
        for (int i = 0; i < length; i++)
            numbers[i] = typeof(T) == typeof(byte) ? _table.bb.Get(start + i) : typeof(T) == typeof(ushort)
                ? _table.bb.GetUshort(start + 2 * i) : _table.bb.GetInt(start + 4 * i);
        return numbers;
    }

    /// <summary>Reads a list of bytes without copying it.</summary>
    public ReadOnlyMemory<byte> Bytes(int field)
    {
        (int start, int length) = Vector(field, 1);
        return _bytes.AsMemory(start, length);
    }

    private FlatTable Table(int at) => new(_bytes, _table.bb, checked(at + _table.bb.GetInt(at)));

    private int At(int field) => _table.__offset(4 + 2 * field) is > 0 and var offset ? checked(_table.bb_pos + offset) : 0;

    // Checked before any use: a file may contain any length.
    private (int Start, int Length) Vector(int field, int width)
    {
        if (At(field) is not (> 0 and var at))
            return (0, 0);
        int vector = checked(at + _table.bb.GetInt(at)), length = _table.bb.GetInt(vector);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)length * width, _bytes.Length - vector - 4L);
        return (vector + 4, length);
    }
}
