using Lwg.MLNet.Body;

namespace Lwg.MLNet.Composition;

/// <summary>Where the soles of a body are in a picture, and how large the body is there. Use an instance on one thread at a time.</summary>
internal sealed class FeetPlaces
{
    // Corners of the foot up to this height above its lowest one belong to the sole, metres.
    private const float SoleHeight = 0.03f;

    // Every n-th face gives the size of the body.
    private const int FaceStep = 3;

    // The mean length in the picture of a line of length 1 whose direction is random.
    private const float MeanShortening = MathF.PI / 4;

    private readonly int[][] _soles;
    private readonly float _length;

    /// <summary>Finds the soles of a body.</summary>
    /// <param name="body">A body with marked parts.</param>
    public FeetPlaces(BodyModel body)
    {
        float[] template = body.Data.Template;
        _soles = [Sole(BodyPart.LeftFoot), Sole(BodyPart.RightFoot)];
        for (int face = 0; face < body.FaceCount; face += FaceStep)
        {
            ReadOnlySpan<float> a = Corner(3 * face), b = Corner(3 * face + 1);
            _length += MathF.Sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
        }

        ReadOnlySpan<float> Corner(int corner) => template.AsSpan(3 * body.Faces[corner], 3);

        int[] Sole(BodyPart part)
        {
            int[] corners = [.. Enumerable.Range(0, 3 * body.FaceCount).Where(k => body.Surface.Part[k / 3] == (int)part)];
            float lowest = corners.Length == 0 ? 0 : corners.Min(k => template[3 * body.Faces[k] + 1]);
            return [.. corners.Where(k => template[3 * body.Faces[k] + 1] < lowest + SoleHeight).Select(k => 2 * k)];
        }
    }

    /// <summary>The number of feet.</summary>
    public const int Count = 2;

    /// <summary>The centre of each sole, [-1,1] over the picture: left, right.</summary>
    public (float X, float Y)[] Soles { get; } = new (float X, float Y)[Count];

    /// <summary>The length of a metre in the picture, [-1,1].</summary>
    public float Metre { get; private set; }

    /// <summary>Measures a body in a picture.</summary>
    /// <param name="points">The picture points of its faces [F,3,2].</param>
    /// <returns>False if the body has no feet or no size.</returns>
    public bool Measure(ReadOnlySpan<float> points)
    {
        if (_soles[0].Length == 0 || _soles[1].Length == 0 || _length <= 0)
            return false;
        float length = 0;
        for (int k = 0; k < points.Length; k += 6 * FaceStep)
        {
            float x = points[k] - points[k + 2], y = points[k + 1] - points[k + 3];
            length += MathF.Sqrt(x * x + y * y);
        }
        Metre = length / (_length * MeanShortening);
        for (int foot = 0; foot < Count; foot++)
        {
            (float x, float y) = (0, 0);
            foreach (int k in _soles[foot])
                (x, y) = (x + points[k], y + points[k + 1]);
            Soles[foot] = (x / _soles[foot].Length, y / _soles[foot].Length);
        }
        return Metre > 0 && float.IsFinite(Metre);
    }
}
