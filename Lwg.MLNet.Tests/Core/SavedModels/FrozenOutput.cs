using Lwg.MLNet.Checkpoints;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.SavedModels;

/// <summary>Reads an output column of all rows as one array.</summary>
internal static class FrozenOutput
{
    public static void Write(NumpyArchiveWriter archive, IDataView data, string column)
    {
        if (IsWhole(data.Schema[column].Type))
        {
            int[] values = Wholes(data, column);
            archive.Add(column, values, values.Length);
            return;
        }
        float[] numbers = Singles(data, column);
        archive.Add(column, numbers, numbers.Length);
    }

    /// <summary>Returns whether a type is one of pictures (as bytes), integers or booleans.</summary>
    public static bool IsWhole(DataViewType type) => type.RawType != typeof(float) && type.RawType != typeof(VBuffer<float>);

    public static int[] Wholes(IDataView data, string column)
    {
        Type raw = data.Schema[column].Type.RawType;
        if (raw == typeof(MLImage))
        {
            return [.. data.GetColumn<MLImage>(column).SelectMany(image =>
            {
                using (image)
                    return image.Pixels.ToArray();
            }).Select(p => (int)p)];
        }
        return raw == typeof(VBuffer<int>) ? [.. data.GetColumn<int[]>(column).SelectMany(v => v)]
            : raw == typeof(int) ? [.. data.GetColumn<int>(column)]
            : [.. data.GetColumn<bool>(column).Select(v => v ? 1 : 0)];
    }

    public static float[] Singles(IDataView data, string column) =>
        data.Schema[column].Type.RawType == typeof(float) ? [.. data.GetColumn<float>(column)]
        : [.. data.GetColumn<float[]>(column).SelectMany(v => v)];
}
