using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>
/// Counts three faults that a mean error hides, as shares of pixels: background in the place of feet and shoes, hair that is lost, and
/// the face's colour on the back of a person. A pixel has a fault if it is nearer to the wrong colour than to the true one; pixels where
/// both are similar are not counted.
/// </summary>
internal sealed class FaultShares
{
    // The least mean difference of the true and the wrong colour, in units of [-1,1].
    private const float Distinct = 0.3f;

    private readonly long[] _faults = new long[3], _counted = new long[3];

    /// <summary>The names of the shares, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } = ["background in feet", "hair lost", "face colour on backs"];

    /// <summary>The shares, 0 to 1; NaN if nothing was counted.</summary>
    public IReadOnlyList<double> Values => [.. _faults.Zip(_counted, (faults, all) => all == 0 ? double.NaN : (double)faults / all)];

    /// <summary>Counts all rows of a transfer.</summary>
    /// <param name="made">Rows with the columns of <see cref="EvaluationRow"/> and the result.</param>
    /// <param name="result">The column of the result.</param>
    public static FaultShares Of(IDataView made, string result)
    {
        var shares = new FaultShares();
        string[] vectors = [nameof(EvaluationRow.Background), nameof(EvaluationRow.FaceColour), nameof(EvaluationRow.FeetMask),
            nameof(EvaluationRow.HairMask), nameof(EvaluationRow.BackMask)];
        using DataViewRowCursor cursor = made.GetRowCursor(made.Schema.Where(c => c.Name == result
            || c.Name == nameof(EvaluationRow.ActualImage) || vectors.Contains(c.Name)));
        ValueGetter<MLImage> readResult = cursor.GetGetter<MLImage>(made.Schema[result]),
            readTruth = cursor.GetGetter<MLImage>(made.Schema[nameof(EvaluationRow.ActualImage)]);
        ValueGetter<VBuffer<float>>[] read = [.. vectors.Select(v => cursor.GetGetter<VBuffer<float>>(made.Schema[v]))];
        MLImage shown = null!, truth = null!;
        var buffers = new VBuffer<float>[read.Length];
        while (cursor.MoveNext())
        {
            readResult(ref shown);
            readTruth(ref truth);
            for (int k = 0; k < read.Length; k++)
                read[k](ref buffers[k]);
            float[][] values = [.. buffers.Select(v => v.DenseValues().ToArray())];
            shares.Add(ImageCodec.ToPixels(shown).ToTensor(), ImageCodec.ToPixels(truth).ToTensor(), values[0], values[1], values[2..]);
        }
        shown?.Dispose();
        truth?.Dispose();
        return shares;
    }

    /// <summary>Counts one picture.</summary>
    /// <param name="result">[3,S,S].</param>
    /// <param name="truth">[3,S,S].</param>
    /// <param name="background">The true background [3,S,S].</param>
    /// <param name="face">The colour of the face [3].</param>
    /// <param name="masks">Feet, hair and backs [S,S], above 0 where they are counted.</param>
    public void Add(float[] result, float[] truth, float[] background, float[] face, float[][] masks)
    {
        int n = truth.Length / 3;
        for (int k = 0; k < masks.Length; k++)
        {
            for (int i = 0; i < n; i++)
            {
                if (masks[k][i] <= 0)
                    continue;
                float apart = 0, toTruth = 0, toWrong = 0;
                for (int c = 0; c < 3; c++)
                {
                    float wrong = k == 2 ? face[c] : background[c * n + i], right = truth[c * n + i], shown = result[c * n + i];
                    (apart, toTruth, toWrong) = (apart + Math.Abs(right - wrong) / 3, toTruth + Math.Abs(shown - right),
                        toWrong + Math.Abs(shown - wrong));
                }
                if (apart < Distinct)
                    continue;
                _counted[k]++;
                _faults[k] += toWrong < toTruth ? 1 : 0;
            }
        }
    }
}
