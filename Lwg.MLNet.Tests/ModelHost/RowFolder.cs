using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.ModelHost;

/// <summary>Stores rows on disk for another process: numbers in ML.NET's binary format, images as PNG files.</summary>
public static class RowFolder
{
    private const string RowsFile = "rows.idv";
    private const string PathSuffix = "-path";

    public static void Save(MLContext context, IDataView data, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (DataViewSchema.Column column in data.Schema.Where(c => c.Type.RawType == typeof(MLImage)).ToArray())
        {
            var paths = new List<Row>();
            foreach (MLImage image in data.GetColumn<MLImage>(column.Name))
            {
                string path = Path.Combine(folder, $"{column.Name}-{paths.Count}.png");
                image.Save(path);
                paths.Add(new Row { Path = path });
            }
            data = Zip(context, data, paths, column.Name);
        }
        using FileStream stream = File.Create(Path.Combine(folder, RowsFile));
        context.Data.SaveAsBinary(data, stream);
    }

    public static IDataView Load(MLContext context, string folder)
    {
        IDataView data = context.Data.LoadFromBinary(Path.Combine(folder, RowsFile));
        foreach (string path in data.Schema.Select(c => c.Name).Where(n => n.EndsWith(PathSuffix, StringComparison.Ordinal)).ToArray())
            data = context.Transforms.LoadImages(path[..^PathSuffix.Length], "", path).Fit(data).Transform(data);
        return data;
    }

    /// <summary>Replaces an image column by the paths.</summary>
    private static IDataView Zip(MLContext context, IDataView data, List<Row> paths, string image)
    {
        int next = 0;
        IDataView rows = context.Transforms.CustomMapping<Empty, Row>((_, row) => row.Path = paths[next++ % paths.Count].Path, null)
            .Append(context.Transforms.CopyColumns(image + PathSuffix, nameof(Row.Path)))
            .Append(context.Transforms.DropColumns(nameof(Row.Path), image))
            .Fit(data).Transform(data);
        return rows;
    }

    private sealed class Empty;

    private sealed class Row
    {
        public string Path { get; set; } = "";
    }
}
