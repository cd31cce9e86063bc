using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation.BlazePose;

/// <summary>BlazePose's landmark network: 39 points of one person in a rotated square of a picture, in the picture and in space, and a
/// mask. Use an instance on one thread at a time.</summary>
internal sealed class LandmarkReader : IDisposable
{
    public const int Size = 256, Count = 39, NumbersPerLandmark = 5, HeatMapSize = 64;

    // The midpoint of the hips and the top of the circle around the body, which give the next region.
    private const int Hips = 33, Top = 34;

    // Refinement by heat maps: the radius in cells around a landmark, and the least certainty.
    private const int Reach = 3;
    private const float RefineFrom = 0.5f;

    private readonly float[] _image = new float[3 * Size * Size], _landmarks = new float[Count * NumbersPerLandmark],
        _world = new float[Count * 3], _presence = new float[1];
    private readonly float[] _heatMaps = new float[Count * HeatMapSize * HeatMapSize], _mask = new float[Size * Size];
    private readonly NetworkRun _run;
    private CropTransform _toPicture;

    public LandmarkReader(NetworkSession session) => _run = session.CreateRun([
        (BlazePoseEstimator.ImageInput, _image, [1, 3, Size, Size]),
        (BlazePoseEstimator.LandmarksOutput, _landmarks, [1, Count * NumbersPerLandmark]),
        (BlazePoseEstimator.PresenceOutput, _presence, [1, 1]),
        (BlazePoseEstimator.HeatMapsOutput, _heatMaps, [1, Count, HeatMapSize, HeatMapSize]),
        (BlazePoseEstimator.MaskOutput, _mask, [1, 1, Size, Size]),
        (BlazePoseEstimator.WorldOutput, _world, [1, Count * 3])]);

    /// <summary>The probability that there is a person, 0 to 1.</summary>
    public float Presence => _presence[0];

    /// <summary>The region of the last run.</summary>
    public BodyRegion Region { get; private set; }

    /// <summary>The region of the person according to the last run.</summary>
    public BodyRegion NextRegion
    {
        get
        {
            (float hipsX, float hipsY) = At(Hips);
            (float topX, float topY) = At(Top);
            return BodyRegion.Of(hipsX, hipsY, topX, topY);
        }
    }

    /// <summary>Runs the network on a region.</summary>
    public void Read(PicturePyramid picture, in BodyRegion region)
    {
        (_toPicture, Region) = (region.ToPicture(Size), region);
        picture.Sample(_toPicture, Size, _image, 0, 1, repeatEdge: true);
        _run.Run();
        BlazePoseEstimator.RequireNumbers(_landmarks, "landmarks");
        BlazePoseEstimator.RequireNumbers(_presence, "presence");
        BlazePoseEstimator.RequireNumbers(_world, "world landmarks");
        Refine(_landmarks, _heatMaps);
    }

    /// <summary>Returns the position of a landmark in pixels of the picture.</summary>
    public (float X, float Y) At(int landmark) =>
        _toPicture.Apply(_landmarks[NumbersPerLandmark * landmark], _landmarks[NumbersPerLandmark * landmark + 1]);

    /// <summary>Returns the probability that a landmark is not hidden, 0 to 1.</summary>
    public float Visibility(int landmark) => Sigmoid(_landmarks[NumbersPerLandmark * landmark + 3]);

    /// <summary>Returns the probability that a landmark is in the square, 0 to 1.</summary>
    public float InSquare(int landmark) => Sigmoid(_landmarks[NumbersPerLandmark * landmark + 4]);

    /// <summary>Returns the position of a landmark in space: metres from the midpoint of the hips, x right, y down, z away from the
    /// viewer, in the orientation of the picture.</summary>
    public Vector3D InSpace(int landmark)
    {
        (double sine, double cosine) = Math.SinCos(Region.Angle);
        (double x, double y) = (_world[3 * landmark], _world[3 * landmark + 1]);
        return new Vector3D(cosine * x - sine * y, sine * x + cosine * y, _world[3 * landmark + 2]);
    }

    /// <summary>Resamples the mask into an upright square; 0 outside the region.</summary>
    /// <param name="square">Maps the square's pixels to the picture's.</param>
    /// <param name="size">The square's side, S.</param>
    /// <param name="mask">Receives [S,S]: the probability that each pixel is on the person, 0 to 1.</param>
    public void CopyMask(in CropTransform square, int size, Span<float> mask)
    {
        CropTransform toRegion = _toPicture.Inverse();
        for (int row = 0, i = 0; row < size; row++)
        {
            (float x, float y) = square.Apply(0.5f, row + 0.5f);
            (float firstU, float firstV) = toRegion.Apply(x, y);
            float stepU = toRegion.A * square.A + toRegion.B * square.D, stepV = toRegion.D * square.A + toRegion.E * square.D;
            for (int column = 0; column < size; column++, i++)
            {
                (float u, float v) = (firstU + column * stepU, firstV + column * stepV);
                mask[i] = u >= 0 && v >= 0 && u <= Size && v <= Size ? Sigmoid(MaskAt(u - 0.5f, v - 0.5f)) : 0;
            }
        }
    }

    public void Dispose() => _run.Dispose();

    private float MaskAt(float u, float v)
    {
        (u, v) = (Math.Clamp(u, 0, Size - 1), Math.Clamp(v, 0, Size - 1));
        (int x0, int y0) = ((int)u, (int)v);
        (int x1, int y1) = (Math.Min(x0 + 1, Size - 1), Math.Min(y0 + 1, Size - 1));
        float top = float.Lerp(_mask[y0 * Size + x0], _mask[y0 * Size + x1], u - x0),
            bottom = float.Lerp(_mask[y1 * Size + x0], _mask[y1 * Size + x1], u - x0);
        return float.Lerp(top, bottom, v - y0);
    }

    /// <summary>Moves each landmark to the mean of the cells around it, weighted by its heat map, if the map is certain enough.</summary>
    /// <param name="landmarks">Five values per landmark, x and y first, in pixels of the square.</param>
    /// <param name="heatMaps">A logit for each cell of each landmark's map.</param>
    internal static void Refine(Span<float> landmarks, ReadOnlySpan<float> heatMaps)
    {
        const float Cell = (float)Size / HeatMapSize;
        for (int k = 0; k < Count; k++)
        {
            Span<float> landmark = landmarks.Slice(NumbersPerLandmark * k, 2);
            (int column, int row) = ((int)(landmark[0] / Cell), (int)(landmark[1] / Cell));
            if (column < 0 || row < 0 || column >= HeatMapSize || row >= HeatMapSize)
                continue;
            float sum = 0, x = 0, y = 0, best = 0;
            for (int j = Math.Max(row - Reach, 0); j <= Math.Min(row + Reach, HeatMapSize - 1); j++)
            {
                for (int i = Math.Max(column - Reach, 0); i <= Math.Min(column + Reach, HeatMapSize - 1); i++)
                {
                    float heat = Sigmoid(heatMaps[(k * HeatMapSize + j) * HeatMapSize + i]);
                    (sum, x, y, best) = (sum + heat, x + heat * i, y + heat * j, MathF.Max(best, heat));
                }
            }
            if (best >= RefineFrom)
                (landmark[0], landmark[1]) = (x / sum * Cell, y / sum * Cell);
        }
    }

    private static float Sigmoid(float logit) => 1 / (1 + MathF.Exp(-logit));
}
