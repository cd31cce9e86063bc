using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>Builds the regressors of joints and key points from the surface: non-negative weights that sum to one.</summary>
internal static class Regressors
{
    private const double Smallest = 1e-4;

    /// <summary>
    /// Computes J_regressor [24,V]: each joint from the vertices that its bone and its parent's bone share (the ring around the joint),
    /// exact at rest.
    /// </summary>
    public static float[] Joints(SculptedSurface surface, double[] skin)
    {
        int count = surface.VertexCount;
        float[] result = new float[Skeleton.JointCount * count];
        for (int joint = 0; joint < Skeleton.JointCount; joint++)
        {
            int mirrored = Skeleton.MirrorJoints[joint];
            if (mirrored < joint)
            {
                CopyMirrored(surface, result, mirrored, joint);
                continue;
            }
            double[] weights = new double[count];
            for (int v = 0; v < count; v++)
                weights[v] = joint switch
                {
                    Skeleton.Pelvis => Belt(surface.Points[v]),
                    Skeleton.Head => Jaw(surface.Points[v]),
                    _ => Shared(skin, v, joint),
                };
            Put(surface, result, joint, weights, RestJoints.All[joint], symmetric: mirrored == joint);
        }
        return result;
    }

    /// <summary>Computes cocoplus_regressor [19,V]: limbs from the rings of their joints, the head's points on the surface.</summary>
    public static float[] Keypoints(SculptedSurface surface, float[] joints)
    {
        int count = surface.VertexCount;
        float[] result = new float[Skeleton.KeypointCount * count];
        // From CocoPlus.RightAnkle to CocoPlus.LeftWrist; the hips follow below.
        ReadOnlySpan<int> limbs =
        [
            Skeleton.RightAnkle, Skeleton.RightKnee, -1, -1, Skeleton.LeftKnee, Skeleton.LeftAnkle, Skeleton.RightWrist,
            Skeleton.RightElbow, Skeleton.RightShoulder, Skeleton.LeftShoulder, Skeleton.LeftElbow, Skeleton.LeftWrist,
        ];
        for (int k = 0; k < limbs.Length; k++)
        {
            if (limbs[k] >= 0)
                joints.AsSpan(limbs[k] * count, count).CopyTo(result.AsSpan(k * count));
        }

        // Annotators mark the hip further out than the centre of the femoral head.
        double[] ring = new double[count];
        for (int v = 0; v < count; v++)
            ring[v] = joints[Skeleton.LeftHip * count + v];
        Put(surface, result, CocoPlus.LeftHip, ring, new Vector3D(0.092, -0.305, 0.012), symmetric: false);
        CopyMirrored(surface, result, CocoPlus.LeftHip, CocoPlus.RightHip);

        for (int v = 0; v < count; v++)
            ring[v] = joints[Skeleton.Neck * count + v];
        Put(surface, result, CocoPlus.Neck, ring, new Vector3D(0, 0.272, -0.018), symmetric: true);

        Vector3D[] marks = [Anatomy.Crown, Anatomy.NoseTip, Anatomy.LeftEye, Anatomy.LeftEye.Mirrored, Anatomy.LeftEar,
            Anatomy.LeftEar.Mirrored];
        for (int k = 0; k < marks.Length; k++)
        {
            Vector3D mark = marks[k];
            int nearest = mark.X == 0 ? NearestInMiddle(surface, mark) : NearestInLeftHalf(surface, mark.X > 0 ? mark : mark.Mirrored);
            result[(CocoPlus.HeadTop + k) * count + (mark.X < 0 ? surface.Mirror[nearest] : nearest)] = 1;
        }
        return result;
    }

    private static double Belt(Vector3D p)
    {
        double t = (p.Y - RestJoints.All[Skeleton.Pelvis].Y) / 0.04;
        return Math.Abs(p.X) < 0.3 && Math.Abs(t) < 1 ? 1 - t * t : 0;
    }

    // The head's joint is in front of the ring that head and neck share, so the lower skull around it is used.
    private static double Jaw(Vector3D p)
    {
        double t = Vector3D.Distance(p, RestJoints.All[Skeleton.Head]) / 0.115;
        return t < 1 && Regions.PastSkullBase(p) > 0 ? (1 - t * t) * (1 - t * t) : 0;
    }

    private static double Shared(double[] skin, int v, int joint)
    {
        double below = skin[v * Skeleton.JointCount + joint], above = skin[v * Skeleton.JointCount + Skeleton.Parents[joint]];
        return below * above > 0.02 ? below * above : 0;
    }

    private static void Put(SculptedSurface surface, float[] result, int row, double[] weights, Vector3D target, bool symmetric)
    {
        int count = surface.VertexCount;
        double[] solved = AffineFit.Solve(surface.Points, weights, target);
        if (symmetric)
        {
            for (int v = 0; v < surface.HalfCount; v++)
                solved[v] = solved[surface.Mirror[v]] = 0.5 * (solved[v] + solved[surface.Mirror[v]]);
        }
        double[] kept = [.. solved.Select(w => w < Smallest ? 0 : w)];
        solved = AffineFit.Solve(surface.Points, kept, target);
        for (int v = 0; v < count; v++)
            result[row * count + v] = (float)solved[v];
        if (symmetric)
        {
            for (int v = 0; v < surface.HalfCount; v++)
                result[row * count + surface.Mirror[v]] = result[row * count + v];
        }
    }

    private static void CopyMirrored(SculptedSurface surface, float[] result, int from, int to)
    {
        for (int v = 0; v < surface.VertexCount; v++)
            result[to * surface.VertexCount + surface.Mirror[v]] = result[from * surface.VertexCount + v];
    }

    private static int NearestInMiddle(SculptedSurface surface, Vector3D p) => Nearest(surface, p, v => surface.Mirror[v] == v);

    private static int NearestInLeftHalf(SculptedSurface surface, Vector3D p) => Nearest(surface, p, v => v < surface.HalfCount);

    private static int Nearest(SculptedSurface surface, Vector3D p, Func<int, bool> allowed)
    {
        int best = -1;
        for (int v = 0; v < surface.HalfCount; v++)
        {
            if (allowed(v) && (best < 0 || Vector3D.Distance(surface.Points[v], p) < Vector3D.Distance(surface.Points[best], p)))
                best = v;
        }
        return best;
    }
}
