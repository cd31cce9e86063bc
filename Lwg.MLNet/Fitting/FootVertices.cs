using Lwg.MLNet.Body;


namespace Lwg.MLNet.Fitting;

/// <summary>The vertices at the back of the heels and at the tips of the toes, located by the geometry of a body at rest, which stands
/// upright with its feet forward.</summary>
internal sealed class FootVertices
{
    private const float FootFrom = 0.5f;

    private readonly int[] _vertices = new int[4];

    /// <summary>Locates the vertices.</summary>
    public FootVertices(BodyModel body)
    {
        BodyModelData data = body.Data;
        foreach (bool left in (bool[])[true, false])
        {
            (int ankle, int foot) = left ? (Skeleton.LeftAnkle, Skeleton.LeftFoot) : (Skeleton.RightAnkle, Skeleton.RightFoot);
            float lowest = float.PositiveInfinity, backmost = float.PositiveInfinity, foremost = float.NegativeInfinity;
            int heel = 0, toe = 0;
            for (int pass = 0; pass < 2; pass++)
            {
                for (int v = 0; v < body.VertexCount; v++)
                {
                    int skin = v * Skeleton.JointCount;
                    if (data.SkinningWeights[skin + ankle] + data.SkinningWeights[skin + foot] < FootFrom)
                        continue;
                    (float y, float z) = (data.Template[3 * v + 1], data.Template[3 * v + 2]);
                    if (pass == 0)
                    {
                        lowest = MathF.Min(lowest, y);
                        continue;
                    }
                    // The heel is behind and low; the weight of y excludes the vertices of the calf above it.
                    float behind = z + (y - lowest) / 2;
                    if (behind < backmost)
                        (backmost, heel) = (behind, v);
                    if (z > foremost)
                        (foremost, toe) = (z, v);
                }
            }
            (_vertices[(int)(left ? FurtherPoint.LeftHeel : FurtherPoint.RightHeel)],
                _vertices[(int)(left ? FurtherPoint.LeftToe : FurtherPoint.RightToe)]) = (heel, toe);
        }
    }

    /// <summary>Returns the vertex of a heel or a toe.</summary>
    public int this[FurtherPoint point] => _vertices[(int)point];
}
