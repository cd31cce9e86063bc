using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.ModelHost;

/// <summary>Computes hashes of rows, bit by bit: numbers, vectors of numbers and images, but not text.</summary>
public static class RowHash
{
    /// <summary>Returns one hash of all rows in order.</summary>
    public static string OfData(IDataView data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string row in OfRows(data))
            hash.AppendData(Convert.FromHexString(row));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Returns a hash for each row.</summary>
    public static List<string> OfRows(IDataView data)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(Columns(data.Schema));
        return OfRows(cursor);
    }

    /// <summary>Returns a hash for each row of a cursor over all columns.</summary>
    public static List<string> OfRows(DataViewRowCursor cursor)
    {
        Action<IncrementalHash>[] columns = [.. Columns(cursor.Schema).Select(c => Appender(cursor, c))];
        var rows = new List<string>();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (cursor.MoveNext())
        {
            foreach (Action<IncrementalHash> append in columns)
                append(hash);
            rows.Add(Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        return rows;
    }

    /// <summary>Returns the hash of an object's properties (float[], int[], numbers and images), ordered by name.</summary>
    public static string OfObject(object row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (PropertyInfo property in row.GetType().GetProperties().OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            switch (property.GetValue(row))
            {
                case float[] values:
                    hash.AppendData(MemoryMarshal.AsBytes<float>(values));
                    break;
                case int[] values:
                    hash.AppendData(MemoryMarshal.AsBytes<int>(values));
                    break;
                case float value:
                    hash.AppendData(BitConverter.GetBytes(value));
                    break;
                case int value:
                    hash.AppendData(BitConverter.GetBytes(value));
                    break;
                case uint value:
                    hash.AppendData(BitConverter.GetBytes(value));
                    break;
                case bool value:
                    hash.AppendData(BitConverter.GetBytes(value));
                    break;
                case MLImage image:
                    hash.AppendData(image.Pixels);
                    break;
                case var other:
                    throw new NotSupportedException($"{property.Name} is {other?.GetType().Name ?? "null"}.");
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Returns the hashed columns, ordered by name, so that the order of columns in the data does not matter.</summary>
    public static IReadOnlyList<DataViewSchema.Column> Columns(DataViewSchema schema) =>
        [.. schema.Where(c => !c.IsHidden && c.Type is not TextDataViewType).OrderBy(c => c.Name, StringComparer.Ordinal)];

    private static Action<IncrementalHash> Appender(DataViewRow row, DataViewSchema.Column column)
    {
        Type raw = column.Type.RawType;
        if (raw == typeof(VBuffer<float>))
            return Vector<float>(row, column);
        if (raw == typeof(VBuffer<int>))
            return Vector<int>(row, column);
        if (raw == typeof(float))
            return Scalar<float>(row, column);
        if (raw == typeof(int))
            return Scalar<int>(row, column);
        if (raw == typeof(uint))
            return Scalar<uint>(row, column);
        if (raw == typeof(bool))
            return Scalar<bool>(row, column);
        if (raw == typeof(MLImage))
        {
            ValueGetter<MLImage> get = row.GetGetter<MLImage>(column);
            return hash =>
            {
                MLImage image = null!;
                get(ref image);
                hash.AppendData(image.Pixels);
            };
        }
        throw new NotSupportedException($"Column '{column.Name}' is {column.Type}.");
    }

    private static Action<IncrementalHash> Scalar<T>(DataViewRow row, DataViewSchema.Column column) where T : unmanaged
    {
        ValueGetter<T> get = row.GetGetter<T>(column);
        return hash =>
        {
            T value = default;
            get(ref value);
            hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref value)));
        };
    }

    private static Action<IncrementalHash> Vector<T>(DataViewRow row, DataViewSchema.Column column) where T : unmanaged
    {
        ValueGetter<VBuffer<T>> get = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return hash =>
        {
            get(ref value);
            hash.AppendData(MemoryMarshal.AsBytes<T>(value.DenseValues().ToArray()));
        };
    }
}
