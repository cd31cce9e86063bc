using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

/// <summary>SMPL as in its paper (Loper et al. 2015, section 3), in dense double precision, not optimized.</summary>
internal static class DenseSmpl
{
    public static (double[] Vertices, double[] Joints) Pose(BodyModelData data, float[] smpl)
    {
        int n = data.Template.Length, v = n / 3;
        var shaped = new double[n];
        for (int i = 0; i < n; i++)
        {
            shaped[i] = data.Template[i];
            for (int k = 0; k < 10; k++)
                shaped[i] += (double)data.ShapeDirections[10 * i + k] * smpl[75 + k];
        }
        var rest = new double[24 * 3];
        for (int j = 0; j < 24; j++)
        {
            for (int i = 0; i < n; i++)
                rest[3 * j + i % 3] += data.JointRegressor[j * v + i / 3] * shaped[i];
        }

        double[][] local = [.. Enumerable.Range(0, 24).Select(j => Rodrigues(smpl[3 + 3 * j], smpl[4 + 3 * j], smpl[5 + 3 * j]))];
        double[] posed = [.. shaped];
        for (int p = 0; p < 207 && data.PoseDirections.Length > 0; p++)
        {
            double feature = local[1 + p / 9][p % 9] - (p % 9 is 0 or 4 or 8 ? 1 : 0);
            for (int i = 0; i < n; i++)
                posed[i] += feature * data.PoseDirections[207 * i + p];
        }

        // World transforms as 4 x 4 matrices, then without the rest pose: G' = G * translate(-joint).
        var world = new double[24][];
        var joints = new double[24 * 3];
        for (int j = 0; j < 24; j++)
        {
            int parent = data.Parents[j];
            var step = new double[3];
            for (int c = 0; c < 3; c++)
                step[c] = rest[3 * j + c] - (parent < 0 ? 0 : rest[3 * parent + c]);
            double[] own =
            [
                local[j][0], local[j][1], local[j][2], step[0], local[j][3], local[j][4], local[j][5], step[1],
                local[j][6], local[j][7], local[j][8], step[2], 0, 0, 0, 1,
            ];
            world[j] = parent < 0 ? own : Multiply(world[parent], own);
            for (int c = 0; c < 3; c++)
                joints[3 * j + c] = world[j][4 * c + 3];
        }
        return (Skin(data, posed, rest, world), joints);
    }

    // Linear blend skinning.
    private static double[] Skin(BodyModelData data, double[] posed, double[] rest, double[][] world)
    {
        var vertices = new double[posed.Length];
        for (int i = 0; i < posed.Length / 3; i++)
        {
            for (int j = 0; j < 24; j++)
            {
                double weight = data.SkinningWeights[24 * i + j];
                for (int r = 0; r < 3; r++)
                {
                    double moved = world[j][4 * r + 3];
                    for (int c = 0; c < 3; c++)
                        moved += world[j][4 * r + c] * (posed[3 * i + c] - rest[3 * j + c]);
                    vertices[3 * i + r] += weight * moved;
                }
            }
        }
        return vertices;
    }

    private static double[] Rodrigues(double x, double y, double z)
    {
        double angle = Math.Sqrt((x + 1e-8) * (x + 1e-8) + (y + 1e-8) * (y + 1e-8) + (z + 1e-8) * (z + 1e-8));
        (x, y, z) = (x / angle, y / angle, z / angle);
        double s = Math.Sin(angle), c = 1 - Math.Cos(angle);
        return
        [
            1 - c * (y * y + z * z), c * x * y - s * z, c * x * z + s * y, c * x * y + s * z, 1 - c * (x * x + z * z), c * y * z - s * x,
            c * x * z - s * y, c * y * z + s * x, 1 - c * (x * x + y * y),
        ];
    }

    private static double[] Multiply(double[] a, double[] b)
    {
        var result = new double[16];
        for (int e = 0; e < 16; e++)
        {
            for (int i = 0; i < 4; i++)
                result[e] += a[e / 4 * 4 + i] * b[4 * i + e % 4];
        }
        return result;
    }
}
