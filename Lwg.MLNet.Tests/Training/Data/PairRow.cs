using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Tests.Generator;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Training.Tests.Data;

/// <summary>A training row.</summary>
internal sealed class PairRow
{
    [AnySizeImage]
    public MLImage? SourceImage { get; set; }

    [AnySizeImage]
    public MLImage? TargetImage { get; set; }

    [VectorType(85)]
    public float[] SourceSmpl { get; set; } = [];

    [VectorType(85)]
    public float[] TargetSmpl { get; set; } = [];

    /// <summary>Creates pairs of synthetic people.</summary>
    public static PairRow[] Make(int count, int size = TinyTraining.Size)
    {
        SyntheticTrainingData data = TinyTraining.Data();
        var sample = new TrainingSample(size);
        var rows = new PairRow[count];
        for (int i = 0; i < count; i++)
        {
            data.Fill(i, sample);
            rows[i] = new PairRow
            {
                SourceImage = ImageCodec.ToImage(sample.SourceImage, size, size),
                TargetImage = ImageCodec.ToImage(sample.TargetImage, size, size),
                SourceSmpl = [.. sample.SourceSmpl],
                TargetSmpl = [.. sample.TargetSmpl],
            };
        }
        return rows;
    }
}
