using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Tests.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.SavedModels;

/// <summary>One row with every column that a saved model of the fixtures reads.</summary>
internal sealed class FrozenRow
{
    /// <summary>The size of square pictures, of a photograph, and of a mask.</summary>
    public const int S = 64, PhotoWidth = 96, PhotoHeight = 80, MaskSize = 32;

    /// <summary>The number of rows.</summary>
    public const int Count = 2;

    [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!;
    [ImageType(S, S)] public MLImage ReferenceImage { get; set; } = null!;
    [ImageType(S, S)] public MLImage Image { get; set; } = null!;
    [ImageType(S, S)] public MLImage Backdrop { get; set; } = null!;
    [ImageType(PhotoHeight, PhotoWidth)] public MLImage SourcePhoto { get; set; } = null!;
    [VectorType(17, 3)] public float[] SourcePhotoKeypoints { get; set; } = [];
    [VectorType(17, 3)] public float[] SourceKeypoints { get; set; } = [];
    [VectorType(4)] public float[] Box { get; set; } = [];
    [VectorType(MaskSize, MaskSize)] public float[] PersonMask { get; set; } = [];
    [VectorType(85)] public float[] SourceSmpl { get; set; } = [];
    [VectorType(85)] public float[] ReferenceSmpl { get; set; } = [];
    [VectorType(85)] public float[] ReferenceOrigin { get; set; } = [];
    [VectorType(85)] public float[] Smpl { get; set; } = [];
    [VectorType(3)] public float[] ViewAngles { get; set; } = [];
    [VectorType(3)] public float[] ViewTranslation { get; set; } = [];
    public string Who { get; set; } = "";

    /// <summary>Loads the rows as data.</summary>
    public static IDataView Data(MLContext context, IEnumerable<FrozenRow> rows) => context.Data.LoadFromEnumerable(rows);

    /// <summary>Reads the frozen rows.</summary>
    public static FrozenRow[] Read(string path)
    {
        using NumpyArchive archive = NumpyArchive.Open(path);
        var rows = new FrozenRow[Count];
        for (int i = 0; i < Count; i++)
        {
            var row = rows[i] = new FrozenRow { Who = $"person {i}" };
            foreach (System.Reflection.PropertyInfo column in typeof(FrozenRow).GetProperties()
                .Where(p => p.PropertyType != typeof(string)))
            {
                NumpyArray array = archive.Read($"{column.Name}.{i}");
                column.SetValue(row, column.PropertyType == typeof(MLImage) ? ImageOf(array.ToInt32s()) : array.ToSingles());
            }

            MLImage ImageOf(int[] pixels) =>
                MLImage.CreateFromPixels(pixels.Length == 4 * S * S ? S : PhotoWidth, pixels.Length == 4 * S * S ? S
                : PhotoHeight, MLPixelFormat.Bgra32, [.. pixels.Select(p => (byte)p)]);
        }
        return rows;
    }

    /// <summary>Writes rows.</summary>
    public static void Write(string path, FrozenRow[] rows)
    {
        using FileStream stream = File.Create(path);
        using var archive = new NumpyArchiveWriter(stream);
        for (int i = 0; i < rows.Length; i++)
        {
            foreach (System.Reflection.PropertyInfo column in typeof(FrozenRow).GetProperties())
            {
                switch (column.GetValue(rows[i]))
                {
                    case MLImage image:
                        archive.Add($"{column.Name}.{i}", [.. image.Pixels.ToArray().Select(p => (int)p)], image.Height, image.Width, 4);
                        break;
                    case float[] values:
                        archive.Add($"{column.Name}.{i}", values, values.Length);
                        break;
                }
            }
        }
    }

    /// <summary>Creates rows: two people of smooth colours in front of smooth backgrounds.</summary>
    public static FrozenRow[] Make() => [.. Enumerable.Range(0, Count).Select(i =>
    {
        float[] source = TestBody.Smpl(1 + i), reference = TestBody.Smpl(11 + i);
        var row = new FrozenRow
        {
            SourceSmpl = source, ReferenceSmpl = reference, ReferenceOrigin = TestBody.Smpl(21), Smpl = TestBody.Smpl(31 + i),
            SourceImage = Picture(2 * i, S, S, Silhouette(source)), ReferenceImage = Picture(2 * i + 1, S, S, Silhouette(reference)),
            Image = Picture(7 + i, S, S, Silhouette(TestBody.Smpl(31 + i))), Backdrop = Picture(11 + i, S, S, (_, _) => -1),
            SourcePhoto = Picture(5 + i, PhotoWidth, PhotoHeight, (x, y) => x is > 30 and < 60 && y > 12 ? x / 8 : -1),
            SourceKeypoints = TestBody.Keypoints(source, S), SourcePhotoKeypoints = TestBody.Keypoints(source, PhotoHeight),
            Box = [20 + i, 70, 6, 72], ViewAngles = [5, 35 + 90 * i, 0], ViewTranslation = [0.05f, -0.02f * i, 0],
        };
        Func<int, int, int> person = Silhouette(source);
        row.PersonMask = [.. Enumerable.Range(0, MaskSize * MaskSize)
            .Select(k => person(2 * (k % MaskSize), 2 * (k / MaskSize)) >= 0 ? 0.9f : 0.1f)];
        return row;
    })];

    private static Func<int, int, int> Silhouette(float[] smpl)
    {
        int[] faces = FrozenBody.Render(smpl);
        return (x, y) => faces[y * S + x] < 0 ? -1 : faces[y * S + x] % 10;
    }

    private static MLImage Picture(int seed, int width, int height, Func<int, int, int> part)
    {
        byte[] pixels = new byte[4 * width * height];
        for (int i = 0; i < width * height; i++)
        {
            int x = i % width, y = i / width, p = part(x, y);
            for (int c = 0; c < 3; c++)
            {
                double phase = seed + 2 * c, wave = p < 0 ? Math.Sin(x / 17.0 + phase) * Math.Cos(y / 13.0 - phase)
                    : Math.Sin(x / 5.0 + phase) * Math.Cos(y / 7.0);
                pixels[4 * i + c] = (byte)((p < 0 ? 150 : 70 + 4 * p) + 40 * wave);
            }
            pixels[4 * i + 3] = 255;
        }
        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, pixels);
    }
}
