using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Warping;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Warping;

/// <summary>Tests that a photograph keeps its own pixels where the square inserted into it shows it unchanged.</summary>
[TestClass]
public sealed class UnchangedPixelsTests
{
    private const int Size = 64, Plane = Size * Size;

    [TestMethod]
    public void OnlyWhatChangesCounts()
    {
        var random = new Random(3);
        float[] source = [.. Enumerable.Range(0, 3 * Plane).Select(_ => 2 * random.NextSingle() - 1)], result = [.. source];
        for (int i = 0; i < result.Length; i++)
            result[i] += (i % 2 - 0.5f) * 2 / 255;
        for (int c = 0; c < 3; c++)
            result[c * Plane + 20 * Size + 40] = source[c * Plane + 20 * Size + 40] > 0 ? -1 : 1;
        var unchanged = new UnchangedPixels(Size);
        unchanged.Compare(result, source);
        Assert.AreEqual(1, unchanged.Weights[20 * Size + 40], 1e-6f);
        for (int i = 0; i < Plane; i++)
        {
            if (Math.Abs(i % Size - 40) > 2 || Math.Abs(i / Size - 20) > 2)
                Assert.AreEqual(0, unchanged.Weights[i], $"pixel {i}, which is rounded only");
        }
    }

    // The photograph has three times the square's resolution: what is not changed keeps every byte, what is changed is the square's.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void ThePhotographKeepsItsBytesWhereTheSquareIsItsCrop(bool keeps)
    {
        var photo = new PixelBuffer(3 * Size, 3 * Size);
        new Random(5).NextBytes(photo.Data);
        var transform = new CropTransform(3, 0, 0, 0, 3, 0);
        float[] square = new float[3 * Plane];
        SquareCrop.Crop(photo, transform, Size, square);
        for (int i = 0; i < 3 * Plane; i++)
        {
            if (i % Size < 16 && i % Plane / Size < 16)
                square[i] = 1;
        }
        var context = new MLContext();
        IDataView rows = context.Data.LoadFromEnumerable([new Row { SourcePhoto = ImageCodec.ToImage(photo),
            TargetImage = ImageCodec.ToImage(PixelBuffer.FromTensor(square, Size, Size)), SourceCropTransform = [3, 0, 0, 0, 3, 0] }]);
        IDataView composed = context.Transforms.ComposeIntoImage(new ComposeIntoImageOptions { ImageSize = Size, KeepsUnchanged = keeps })
            .Fit(rows).Transform(rows);
        PixelBuffer result = ImageCodec.ToPixels(composed.GetColumn<MLImage>("TargetPhoto").Single());
        int same = 0, all = 0;
        for (int y = 0; y < photo.Height; y++)
        {
            for (int x = 0; x < photo.Width; x++)
            {
                Span<byte> pixel = result.Row(y).Slice(3 * x, 3);
                if (x < 45 && y < 45)
                    Assert.IsTrue(pixel[0] == 255 && pixel[1] == 255 && pixel[2] == 255, $"the square's white at {x}, {y}");
                else if (x > 60 || y > 60)
                    (same, all) = (same + (pixel.SequenceEqual(photo.Row(y).Slice(3 * x, 3)) ? 1 : 0), all + 1);
            }
        }
        if (keeps)
            Assert.AreEqual(all, same);
        else
            Assert.IsLessThan(0.1 * all, same);
    }

    private sealed class Row
    {
        [ImageType(3 * Size, 3 * Size)]
        public MLImage SourcePhoto { get; set; } = null!;

        [ImageType(Size, Size)]
        public MLImage TargetImage { get; set; } = null!;

        [VectorType(6)]
        public float[] SourceCropTransform { get; set; } = [];
    }
}
