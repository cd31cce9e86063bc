using Lwg.MLNet.Body;
using MathNet.Numerics.LinearAlgebra;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>
/// Computes pose blend shapes that compensate the volume loss of linear blend skinning at bent and twisted joints. At sample rotations
/// each vertex turns about the joint by its share of the rotation, on a sphere, as with spherical blends (Kavan and Zara 2005). The
/// difference to plain skinning, transformed to the rest pose, is fitted linearly in the entries of R - I.
/// </summary>
internal static class PoseCorrectives
{
    private const int Features = 9;
    private const double Ridge = 0.03;
    // At full strength the joints would bulge: bone pushes skin out less than a sphere does.
    private const double Strength = 0.5;
    private const double Smallest = 2e-4;
    private const double Resolution = 2e-5;

    // Half-angle tangents of 30, 60, 90 and 115 degrees.
    private const double Deg30 = 0.268, Deg60 = 0.577, Deg90 = 1, Deg115 = 1.570;

    /// <summary>Computes posedirs [V,3,207].</summary>
    public static float[] Build(SculptedSurface surface, double[] skin)
    {
        int columns = Features * (Skeleton.JointCount - 1);
        float[] result = new float[surface.VertexCount * 3 * columns];
        for (int joint = 1; joint < Skeleton.JointCount; joint++)
        {
            int mirrored = Skeleton.MirrorJoints[joint];
            Vector3D[] samples = Samples(joint);
            if (samples.Length == 0 || mirrored < joint)
                continue;
            Matrix<double> solver = Solver(samples);
            int count = mirrored == joint ? surface.HalfCount : surface.VertexCount;
            for (int v = 0; v < count; v++)
            {
                double share = Share(skin, v, joint);
                if (share is < 0.01 or > 0.99)
                    continue;
                Matrix<double> missing = Missing(surface.Points[v] - RestJoints.All[joint], share, samples);
                Matrix<double> fitted = solver * missing * (joint == Skeleton.LeftHip ? 0.7 * Strength : Strength);
                for (int axis = 0; axis < 3; axis++)
                {
                    for (int e = 0; e < Features; e++)
                    {
                        double value = Math.Abs(fitted[e, axis]) < Smallest ? 0 : Math.Round(fitted[e, axis] / Resolution) * Resolution;
                        if (mirrored == joint && surface.Mirror[v] == v && Sign(axis) * Sign(e / 3) * Sign(e % 3) < 0)
                            value = 0;
                        result[(3 * v + axis) * columns + Features * (joint - 1) + e] = (float)value;
                        result[(3 * surface.Mirror[v] + axis) * columns + Features * (mirrored - 1) + e] =
                            (float)(Sign(axis) * Sign(e / 3) * Sign(e % 3) * value);
                    }
                }
            }
        }
        return result;
    }

    /// <summary>Returns typical rotations of a joint, as axis times the tangent of half the angle.</summary>
    private static Vector3D[] Samples(int joint) => joint switch
    {
        Skeleton.LeftHip => [.. All(Deg30), .. Sweep(-1, 0, 0), .. Sweep(-0.94, 0, 0.34), .. Sweep(-0.94, 0.34, 0),
            new(Deg60, 0, 0), new(0, 0, Deg60)],
        Skeleton.LeftKnee => [.. All(Deg30 / 2), .. Sweep(1, 0, 0)],
        Skeleton.LeftAnkle or Skeleton.Neck or Skeleton.Head or Skeleton.Spine1 or Skeleton.Spine2 or Skeleton.Spine3 =>
            [.. All(Deg30), .. All(Deg60)],
        Skeleton.LeftShoulder => [.. All(Deg30), .. All(Deg60), .. Sweep(0, 0, -1), .. Sweep(0, 0, 1), .. Sweep(0, -1, 0),
            .. Sweep(0, -0.7, -0.7), .. Sweep(0, -0.7, 0.7)],
        Skeleton.LeftElbow => [.. All(Deg30), .. Sweep(0, -1, 0), new(Deg60, 0, 0), new(-Deg60, 0, 0)],
        Skeleton.LeftWrist => [.. All(Deg30), .. All(Deg60), new(Deg90, 0, 0), new(-Deg90, 0, 0)],
        _ => [],
    };

    private static Vector3D[] All(double t) => [new(t, 0, 0), new(-t, 0, 0), new(0, t, 0), new(0, -t, 0), new(0, 0, t), new(0, 0, -t)];

    private static Vector3D[] Sweep(double x, double y, double z)
    {
        Vector3D axis = new Vector3D(x, y, z).Normalized;
        return [axis * Deg30, axis * Deg60, axis * Deg90, axis * Deg115];
    }

    private static double Sign(int axis) => axis == 0 ? -1 : 1;

    /// <summary>Returns the share of a vertex that follows the joint or one below it.</summary>
    private static double Share(double[] skin, int v, int joint)
    {
        double share = 0;
        for (int j = 0; j < Skeleton.JointCount; j++)
        {
            int above = j;
            while (above > joint)
                above = Skeleton.Parents[above];
            if (above == joint)
                share += skin[v * Skeleton.JointCount + j];
        }
        return share;
    }

    /// <summary>Returns the ridge regression from samples to the entries of R - I: [9, samples].</summary>
    private static Matrix<double> Solver(Vector3D[] samples)
    {
        Matrix<double> design = Matrix<double>.Build.Dense(samples.Length, Features);
        for (int s = 0; s < samples.Length; s++)
        {
            Matrix<double> r = Rotation(samples[s]);
            for (int e = 0; e < Features; e++)
                design[s, e] = r[e / 3, e % 3] - (e % 4 == 0 ? 1 : 0);
        }
        Matrix<double> normal = design.TransposeThisAndMultiply(design) + Matrix<double>.Build.DenseIdentity(Features) * Ridge;
        return normal.Solve(design.Transpose());
    }

    /// <summary>Returns the error of skinning at each sample, in the rest pose: [samples, 3].</summary>
    private static Matrix<double> Missing(Vector3D arm, double share, Vector3D[] samples)
    {
        Matrix<double> result = Matrix<double>.Build.Dense(samples.Length, 3);
        Vector<double> x = Vector<double>.Build.Dense([arm.X, arm.Y, arm.Z]);
        Matrix<double> identity = Matrix<double>.Build.DenseIdentity(3);
        for (int s = 0; s < samples.Length; s++)
        {
            Vector3D q = samples[s];
            double norm = Math.Sqrt(1 + Vector3D.Dot(q, q));
            Vector3D partial = q * (share / (share + (1 - share) * norm));
            Matrix<double> blend = identity * (1 - share) + Rotation(q) * share;
            result.SetRow(s, blend.Solve(Rotation(partial) * x - blend * x));
        }
        return result;
    }

    /// <summary>Returns the rotation of the normalised quaternion (1, q).</summary>
    private static Matrix<double> Rotation(Vector3D q)
    {
        double s = 2 / (1 + Vector3D.Dot(q, q));
        return Matrix<double>.Build.DenseOfRowMajor(3, 3,
        [
            1 - s * (q.Y * q.Y + q.Z * q.Z), s * (q.X * q.Y - q.Z), s * (q.X * q.Z + q.Y),
            s * (q.X * q.Y + q.Z), 1 - s * (q.X * q.X + q.Z * q.Z), s * (q.Y * q.Z - q.X),
            s * (q.X * q.Z - q.Y), s * (q.Y * q.Z + q.X), 1 - s * (q.X * q.X + q.Y * q.Y),
        ]);
    }
}
