using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Docs;

/// <summary>A row of data: its pictures and vectors of numbers.</summary>
internal sealed class DataRow
{
    private readonly Dictionary<string, object> _values = [];

    public static List<DataRow> Read(IDataView data)
    {
        DataViewSchema.Column[] columns =
            [.. data.Schema.Where(c => !c.IsHidden
                && (c.Type is ImageDataViewType || c.Type is VectorDataViewType { ItemType: NumberDataViewType }))];
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        (string Name, Func<object> Read)[] readers = [.. columns.Select(c => (c.Name, Reader(cursor, c)))];
        var rows = new List<DataRow>();
        while (cursor.MoveNext())
        {
            var row = new DataRow();
            foreach ((string name, Func<object> read) in readers)
                row._values[name] = read();
            rows.Add(row);
        }
        return rows;
    }

    public PixelBuffer Picture(string column) => (PixelBuffer)_values[column];

    public float[] Numbers(string column) => (float[])_values[column];

    public int[] Whole(string column) => (int[])_values[column];

    private static Func<object> Reader(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type is ImageDataViewType)
        {
            ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(column);
            return () =>
            {
                MLImage? image = null;
                // Not disposed: a stage's picture belongs to its reader, but the pictures of the source data are read again.
                getter(ref image!);
                return ImageCodec.ToPixels(image);
            };
        }
        return ((VectorDataViewType)column.Type).ItemType.RawType == typeof(int) ? Vector<int>(cursor, column)
            : Vector<float>(cursor, column);
    }

    private static Func<object> Vector<T>(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = cursor.GetGetter<VBuffer<T>>(column);
        return () =>
        {
            VBuffer<T> values = default;
            getter(ref values);
            return values.DenseValues().ToArray();
        };
    }
}
