using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

/// <summary>Bodies small enough to verify by hand.</summary>
internal static class TestBodies
{
    /// <summary>
    /// Creates a cylinder along x of eleven rings of eight vertices, radius 0.1, from x = 0 to 2: its left half belongs to the root (at x
    /// = 0), its right half to joint 1 (at x = 1), the ring in the middle half to each. The other joints are at the root and move
    /// nothing.
    /// </summary>
    public static BodyModelData Cylinder()
    {
        const int Rings = 11, Around = 8, V = Rings * Around;
        var data = new BodyModelData
        {
            Template = new float[3 * V],
            ShapeDirections = new float[3 * V * 10],
            JointRegressor = new float[24 * V],
            Parents = [.. Skeleton.Parents],
            SkinningWeights = new float[24 * V],
            Faces = new int[3 * 2 * (Rings - 1) * Around],
            KeypointRegressor = new float[19 * V],
        };
        for (int v = 0; v < V; v++)
        {
            int ring = v / Around;
            double angle = Math.Tau * (v % Around) / Around;
            (data.Template[3 * v], data.Template[3 * v + 1], data.Template[3 * v + 2]) =
                (0.2f * ring, (float)(0.1 * Math.Cos(angle)), (float)(0.1 * Math.Sin(angle)));
            // Shape number 0 makes it thicker, number 9 moves it along z.
            for (int c = 1; c < 3; c++)
                data.ShapeDirections[(3 * v + c) * 10] = data.Template[3 * v + c];
            data.ShapeDirections[(3 * v + 2) * 10 + 9] = 1;
            float right = ring < 5 ? 0 : ring == 5 ? 0.5f : 1;
            (data.SkinningWeights[24 * v], data.SkinningWeights[24 * v + 1]) = (1 - right, right);
            // A joint is the centre of a ring: the first for all but joint 1, which has the sixth. A key point is the centre of ring k
            // mod 11.
            for (int j = 0; j < 24; j++)
                data.JointRegressor[j * V + v] = ring == (j == 1 ? 5 : 0) ? 1f / Around : 0;
            for (int k = 0; k < 19; k++)
                data.KeypointRegressor[k * V + v] = ring == k % Rings ? 1f / Around : 0;
        }
        for (int q = 0; q < (Rings - 1) * Around; q++)
        {
            int a = q, b = q / Around * Around + (q + 1) % Around;
            int[] two = [a, b, a + Around, b, b + Around, a + Around];
            two.CopyTo(data.Faces, 6 * q);
        }
        return data;
    }

    /// <summary>Creates the cylinder with other skinning weights.</summary>
    public static BodyModelData WithWeights(float[] weights)
    {
        BodyModelData c = Cylinder();
        return new BodyModelData
        {
            Template = c.Template,
            ShapeDirections = c.ShapeDirections,
            JointRegressor = c.JointRegressor,
            Parents = c.Parents,
            SkinningWeights = weights,
            Faces = c.Faces,
        };
    }

    /// <summary>Returns 85 SMPL parameters: camera (1, 0, 0), no rotation, mean shape.</summary>
    public static float[] AtRest()
    {
        var smpl = new float[85];
        smpl[0] = 1;
        return smpl;
    }

    /// <summary>Returns 85 SMPL parameters with rotations of up to about <paramref name="angle"/> radians and a random shape.</summary>
    public static float[] Random(int seed, double angle)
    {
        var random = new Random(seed);
        float[] smpl = [.. Enumerable.Range(0, 85).Select(_ => (float)(angle * (2 * random.NextDouble() - 1)))];
        (smpl[0], smpl[1], smpl[2]) = (0.9f, 0.1f, -0.2f);
        for (int k = 75; k < 85; k++)
            smpl[k] = (float)(4 * random.NextDouble() - 2);
        return smpl;
    }
}
