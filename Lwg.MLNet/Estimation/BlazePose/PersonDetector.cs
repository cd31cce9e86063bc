using Lwg.MLNet.Imaging;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation.BlazePose;

/// <summary>One detected person, in pixels of the picture.</summary>
/// <param name="Score">The probability of the detection, 0 to 1.</param>
/// <param name="MinX">The left edge of the box around the head and the upper body.</param>
/// <param name="MinY">The top edge of the box.</param>
/// <param name="MaxX">The right edge of the box.</param>
/// <param name="MaxY">The bottom edge of the box.</param>
/// <param name="Region">The region of the whole body.</param>
internal sealed record PersonDetection(float Score, float MinX, float MinY, float MaxX, float MaxY, BodyRegion Region);

/// <summary>BlazePose's detector of people (Bazarevsky et al. 2020): boxes on a grid of anchors, merged where they overlap. Use an
/// instance on one thread at a time.</summary>
internal sealed class PersonDetector : IDisposable
{
    public const int Size = 224, AnchorCount = 2254, NumbersPerAnchor = 12;

    private const float JoinFrom = 0.3f;

    // Cell centres: 28 x 28 cells with two anchors each, 14 x 14 with two, 7 x 7 with six.
    private static readonly (int Cells, int Anchors)[] s_layers = [(28, 2), (14, 2), (7, 6)];
    private static readonly (float X, float Y)[] s_anchors = [.. s_layers.SelectMany(layer =>
        Enumerable.Range(0, layer.Cells * layer.Cells * layer.Anchors).Select(i => i / layer.Anchors)
            .Select(cell => ((cell % layer.Cells + 0.5f) / layer.Cells, (cell / layer.Cells + 0.5f) / layer.Cells)))];

    private readonly float[] _image = new float[3 * Size * Size], _scores = new float[AnchorCount],
        _boxes = new float[AnchorCount * NumbersPerAnchor];
    private readonly NetworkRun _run;

    public PersonDetector(NetworkSession session) => _run = session.CreateRun([
        (BlazePoseEstimator.ImageInput, _image, [1, 3, Size, Size]),
        (BlazePoseEstimator.ScoresOutput, _scores, [1, AnchorCount]),
        (BlazePoseEstimator.BoxesOutput, _boxes, [1, AnchorCount, NumbersPerAnchor])]);

    /// <summary>Detects people in a square of a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="toPicture">Maps the pixels of a square of <see cref="Size"/> to the picture's.</param>
    /// <param name="least">The least score, 0 to 1.</param>
    /// <returns>The people by descending score.</returns>
    public List<PersonDetection> Detect(PicturePyramid picture, in CropTransform toPicture, float least)
    {
        picture.Sample(toPicture, Size, _image, -1, 1, repeatEdge: false);
        _run.Run();
        BlazePoseEstimator.RequireNumbers(_scores, "scores");
        return Read(_scores, _boxes, toPicture, least);
    }

    public void Dispose() => _run.Dispose();

    /// <summary>Returns the intersection over union of two people's boxes.</summary>
    public static float Overlap(PersonDetection a, PersonDetection b)
    {
        float width = MathF.Min(a.MaxX, b.MaxX) - MathF.Max(a.MinX, b.MinX), height = MathF.Min(a.MaxY, b.MaxY) - MathF.Max(a.MinY, b.MinY);
        float both = MathF.Max(width, 0) * MathF.Max(height, 0);
        return both > 0 ? both / ((a.MaxX - a.MinX) * (a.MaxY - a.MinY) + (b.MaxX - b.MinX) * (b.MaxY - b.MinY) - both) : 0;
    }

    /// <summary>Decodes the network's output.</summary>
    /// <param name="scores">A logit for each anchor.</param>
    /// <param name="boxes">Twelve values per anchor: centre, size, and four points, in pixels of the square; positions are relative to
    /// the anchor.</param>
    /// <param name="toPicture">Maps the square's pixels to the picture's.</param>
    /// <param name="least">The least score, 0 to 1.</param>
    internal static List<PersonDetection> Read(ReadOnlySpan<float> scores, ReadOnlySpan<float> boxes, in CropTransform toPicture,
        float least)
    {
        float leastLogit = MathF.Log(least / (1 - least));
        var candidates = new List<(float Score, float[] Numbers)>();
        for (int i = 0; i < AnchorCount; i++)
        {
            if (scores[i] >= leastLogit)
                candidates.Add((1 / (1 + MathF.Exp(-scores[i])), Decode(boxes, i)));
        }
        candidates.Sort((a, b) => b.Score.CompareTo(a.Score));
        var found = new List<PersonDetection>();
        while (candidates.Count > 0)
            found.Add(JoinFirst(candidates, toPicture));
        return found;
    }

    // Centre, size and four points, in pixels of the square.
    private static float[] Decode(ReadOnlySpan<float> boxes, int anchor)
    {
        float[] numbers = boxes.Slice(anchor * NumbersPerAnchor, NumbersPerAnchor).ToArray();
        BlazePoseEstimator.RequireNumbers(numbers, "boxes");
        for (int k = 0; k < NumbersPerAnchor; k += 2)
        {
            if (k == 2)
                continue;
            numbers[k] += s_anchors[anchor].X * Size;
            numbers[k + 1] += s_anchors[anchor].Y * Size;
        }
        return numbers;
    }

    // Weighted suppression: boxes that overlap the box with the highest score are averaged with it by score.
    private static PersonDetection JoinFirst(List<(float Score, float[] Numbers)> candidates, in CropTransform toPicture)
    {
        (float best, float[] first) = candidates[0];
        float[] sum = new float[NumbersPerAnchor];
        float weight = 0;
        candidates.RemoveAll(candidate =>
        {
            if (Overlap(first, candidate.Numbers) <= JoinFrom && candidate.Numbers != first)
                return false;
            for (int k = 0; k < sum.Length; k++)
                sum[k] += candidate.Score * candidate.Numbers[k];
            weight += candidate.Score;
            return true;
        });
        for (int k = 0; k < sum.Length; k++)
            sum[k] /= weight;
        (float minX, float minY) = toPicture.Apply(sum[0] - sum[2] / 2, sum[1] - sum[3] / 2);
        (float maxX, float maxY) = toPicture.Apply(sum[0] + sum[2] / 2, sum[1] + sum[3] / 2);
        (float hipsX, float hipsY) = toPicture.Apply(sum[4], sum[5]);
        (float topX, float topY) = toPicture.Apply(sum[6], sum[7]);
        return new PersonDetection(best, minX, minY, maxX, maxY, BodyRegion.Of(hipsX, hipsY, topX, topY));
    }

    private static float Overlap(float[] a, float[] b)
    {
        float width = MathF.Min(a[0] + a[2] / 2, b[0] + b[2] / 2) - MathF.Max(a[0] - a[2] / 2, b[0] - b[2] / 2);
        float height = MathF.Min(a[1] + a[3] / 2, b[1] + b[3] / 2) - MathF.Max(a[1] - a[3] / 2, b[1] - b[3] / 2);
        float both = MathF.Max(width, 0) * MathF.Max(height, 0);
        return both > 0 ? both / (a[2] * a[3] + b[2] * b[3] - both) : 0;
    }
}
