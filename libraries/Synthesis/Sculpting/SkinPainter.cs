using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>
/// Computes skinning weights: each joint takes over from its parent with a smooth step across a slanted plane; the result is averaged
/// slightly over the mesh and limited to a few bones per vertex.
/// </summary>
internal static class SkinPainter
{
    private const int MaximumBones = 5;
    private const double Smallest = 0.004;

    /// <summary>Computes the weights [V,24]; rows sum to one, left and right mirror each other.</summary>
    public static double[] Paint(SculptedSurface surface)
    {
        double[] weights = new double[surface.VertexCount * Skeleton.JointCount];
        for (int v = 0; v < surface.HalfCount; v++)
            Blend(surface.Points[v], weights.AsSpan(v * Skeleton.JointCount, Skeleton.JointCount));
        MirrorHalf(surface, weights);
        surface.Diffuse(weights, Skeleton.JointCount, rounds: 3);
        for (int v = 0; v < surface.HalfCount; v++)
            Prune(weights.AsSpan(v * Skeleton.JointCount, Skeleton.JointCount), onMiddle: surface.Mirror[v] == v);
        MirrorHalf(surface, weights);
        return weights;
    }

    /// <summary>Computes the weights at a point with x &gt;= 0, before averaging.</summary>
    private static void Blend(Vector3D p, Span<double> w)
    {
        double arm = Ramp.Smooth(-0.055, 0.055, Regions.PastShoulder(p));
        double leg = Ramp.Smooth(-0.060, 0.060, Regions.PastHip(p)) * (1 - arm);
        double trunk = 1 - arm - leg;

        // Thigh, shank, foot, toes; both legs share the crotch.
        double knee = Ramp.Smooth(-0.050, 0.050, -0.690 - p.Y);
        double ankle = Ramp.Smooth(-0.035, 0.035, -1.085 - p.Y);
        double toes = Ramp.Smooth(0.062, 0.120, p.Z + 0.15 * (p.X - 0.116)) * ankle;
        double left = Ramp.Smooth(-0.022, 0.022, p.X);
        w[Skeleton.LeftHip] = leg * (1 - knee) * left;
        w[Skeleton.RightHip] = leg * (1 - knee) * (1 - left);
        w[Skeleton.LeftKnee] = leg * knee * (1 - ankle);
        w[Skeleton.LeftAnkle] = leg * knee * (ankle - toes);
        w[Skeleton.LeftFoot] = leg * knee * toes;

        // The spine from pelvis to neck and head.
        double spine1 = Ramp.Smooth(-0.190, -0.050, p.Y), spine2 = Ramp.Smooth(-0.050, 0.055, p.Y), spine3 = Ramp.Smooth(0.015, 0.125, p.Y);
        double neck = Ramp.Smooth(-0.035, 0.035, Regions.PastNeck(p)), head = Ramp.Smooth(-0.028, 0.028, Regions.PastSkullBase(p)) * neck;
        double collar = Ramp.Smooth(0.015, 0.130, p.X) * Ramp.Smooth(0.080, 0.190, p.Y) * (1 - neck);
        w[Skeleton.Pelvis] = trunk * (1 - spine1);
        w[Skeleton.Spine1] = trunk * (spine1 - spine1 * spine2);
        w[Skeleton.Spine2] = trunk * spine1 * spine2 * (1 - spine3);
        double chest = trunk * spine1 * spine2 * spine3;
        w[Skeleton.Spine3] = chest * (1 - neck - collar);
        w[Skeleton.Neck] = chest * (neck - head);
        w[Skeleton.LeftCollar] = chest * collar;
        w[Skeleton.Head] = chest * head;

        // Upper arm, forearm, hand, fingers; the thumb belongs to the hand.
        double elbow = Ramp.Smooth(0.378, 0.482, p.X), wrist = Ramp.Smooth(0.640, 0.716, p.X);
        double fingers = Ramp.Smooth(0.744, 0.792, p.X) * Ramp.Smooth(0.004, -0.012, p.Z);
        w[Skeleton.LeftShoulder] = arm * (1 - elbow);
        w[Skeleton.LeftElbow] = arm * elbow * (1 - wrist);
        w[Skeleton.LeftWrist] = arm * wrist * (1 - fingers);
        w[Skeleton.LeftHand] = arm * wrist * fingers;
    }

    private static void Prune(Span<double> w, bool onMiddle)
    {
        if (onMiddle)
        {
            for (int j = 0; j < w.Length; j++)
            {
                int other = Skeleton.MirrorJoints[j];
                if (other > j)
                    w[j] = w[other] = 0.5 * (w[j] + w[other]);
            }
        }
        double[] sorted = [.. w];
        Array.Sort(sorted);
        double least = Math.Max(Smallest, sorted[^MaximumBones] - 1e-12), sum = 0;
        for (int j = 0; j < w.Length; j++)
        {
            if (w[j] < least)
                w[j] = 0;
            sum += w[j];
        }
        for (int j = 0; j < w.Length; j++)
            w[j] = Math.Round(w[j] / sum, 5);
        int heaviest = 0;
        double rest = 1;
        for (int j = 0; j < w.Length; j++)
        {
            rest -= w[j];
            if (w[j] > w[heaviest])
                heaviest = j;
        }
        if (Skeleton.MirrorJoints[heaviest] == heaviest || !onMiddle)
            w[heaviest] += rest;
        else
            (w[heaviest], w[Skeleton.MirrorJoints[heaviest]]) = (w[heaviest] + rest / 2, w[heaviest] + rest / 2);
    }

    private static void MirrorHalf(SculptedSurface surface, double[] weights)
    {
        for (int v = 0; v < surface.HalfCount; v++)
        {
            int m = surface.Mirror[v];
            if (m == v)
                continue;
            for (int j = 0; j < Skeleton.JointCount; j++)
                weights[m * Skeleton.JointCount + Skeleton.MirrorJoints[j]] = weights[v * Skeleton.JointCount + j];
        }
    }
}
