using System.Numerics;

namespace Lwg.MLNet.Body;

/// <summary>
/// The 19 key points of a body whose file has none, such as the official SMPL files. Limbs come from the joints; the points of the head
/// come from the shape of its surface at rest (its highest, foremost and outermost points). Only the layout of joints and skinning
/// weights is assumed.
/// </summary>
internal static class DerivedKeypoints
{
    // Annotators mark hips farther out than the joints, and the neck slightly lower: fractions of the distance between the hips, and from
    // neck to chest.
    private const float HipOutwards = 0.157f, NeckDown = 0.08f;

    // Positions of the eyes as fractions: between nose and crown, and between the middle and the ears.
    private const float EyeHeight = 0.228f, EyeSide = 0.39f;

    // Search range of the ears, from below the tip of the nose to above the eyes, in fractions of the distance from nose to crown; search
    // range of the nose about the middle, in fractions of half the width of the head.
    private const float EarLow = -0.25f, EarHigh = 0.45f, NoseSide = 0.3f;

    private const int FewestHeadVertices = 8;

    // Of the key points from CocoPlus.RightAnkle to CocoPlus.Neck; those of the head follow.
    private static readonly int[] s_joints =
    [
        Skeleton.RightAnkle, Skeleton.RightKnee, Skeleton.RightHip, Skeleton.LeftHip, Skeleton.LeftKnee, Skeleton.LeftAnkle,
        Skeleton.RightWrist, Skeleton.RightElbow,
        Skeleton.RightShoulder, Skeleton.LeftShoulder, Skeleton.LeftElbow, Skeleton.LeftWrist, Skeleton.Neck,
    ];

    /// <summary>Creates a regressor [19,V].</summary>
    /// <param name="template">The vertices at rest [V,3].</param>
    /// <param name="jointRegressor">The joint regressor [24,V].</param>
    /// <param name="skinning">The skinning weights [V,24].</param>
    /// <returns>The regressor; empty if the mesh has no head or is flat, so the position of the face is unknown.</returns>
    public static float[] Make(float[] template, float[] jointRegressor, float[] skinning)
    {
        int count = template.Length / 3;
        float[] result = new float[Skeleton.KeypointCount * count];
        if (HeadPlaces(template, jointRegressor, skinning) is not { } places)
            return [];
        for (int k = 0; k < s_joints.Length; k++)
            Row(jointRegressor, s_joints[k], count).CopyTo(result.AsSpan(k * count));
        Mix(result, jointRegressor, count, CocoPlus.RightHip, Skeleton.RightHip, Skeleton.LeftHip, -HipOutwards);
        Mix(result, jointRegressor, count, CocoPlus.LeftHip, Skeleton.LeftHip, Skeleton.RightHip, -HipOutwards);
        Mix(result, jointRegressor, count, CocoPlus.Neck, Skeleton.Neck, Skeleton.Spine3, NeckDown);
        for (int k = 0; k < places.Length; k++)
            result[(CocoPlus.HeadTop + k) * count + places[k]] = 1;
        return result;
    }

    // Returns the vertices of head top, nose, left and right eye, left and right ear.
    private static int[]? HeadPlaces(float[] template, float[] jointRegressor, float[] skinning)
    {
        int count = template.Length / 3;
        Vector3 leftHip = Joint(Skeleton.LeftHip), rightHip = Joint(Skeleton.RightHip), neck = Joint(Skeleton.Neck),
            head = Joint(Skeleton.Head);
        Vector3 left = Vector3.Normalize(leftHip - rightHip), up = neck - (leftHip + rightHip) / 2;
        up = Vector3.Normalize(up - left * Vector3.Dot(up, left));
        Vector3 front = Vector3.Cross(left, up);
        (int Vertex, float Side, float Height, float Depth)[] places = [.. Enumerable.Range(0, count).Where(IsHead).Select(Place)];
        if (!float.IsFinite(front.X + front.Y + front.Z) || places.Length < FewestHeadVertices)
            return null;
        float halfWidth = places.Max(p => Math.Abs(p.Side));
        (int Vertex, float Side, float Height, float Depth) crown = places.MaxBy(p => p.Height),
            nose = places.Where(p => Math.Abs(p.Side) <= NoseSide * halfWidth).MaxBy(p => p.Depth);
        float rise = crown.Height - nose.Height;
        if (!(rise > 0) || !(halfWidth > 0))
            return null;
        var sides = places.Where(p => p.Height >= nose.Height + EarLow * rise && p.Height <= nose.Height + EarHigh * rise).ToArray();
        (int Vertex, float Side, float Height, float Depth) leftEar = sides.MaxBy(p => p.Side), rightEar = sides.MinBy(p => p.Side);
        return [crown.Vertex, nose.Vertex, Eye(leftEar.Side), Eye(rightEar.Side), leftEar.Vertex, rightEar.Vertex];

        // The vertex on the front of the head that is nearest to the expected position of the eye.
        int Eye(float earSide) => places.Where(p => p.Depth > 0.4f * nose.Depth)
            .MinBy(p => Math.Pow(p.Side - EyeSide * earSide, 2) + Math.Pow(p.Height - nose.Height - EyeHeight * rise, 2)).Vertex;

        bool IsHead(int v)
        {
            ReadOnlySpan<float> weights = skinning.AsSpan(v * Skeleton.JointCount, Skeleton.JointCount);
            return weights[Skeleton.Head] >= 0.5f;
        }

        (int, float, float, float) Place(int v)
        {
            Vector3 at = new Vector3(template.AsSpan(3 * v, 3)) - head;
            return (v, Vector3.Dot(at, left), Vector3.Dot(at, up), Vector3.Dot(at, front));
        }

        Vector3 Joint(int joint)
        {
            Vector3 sum = Vector3.Zero;
            ReadOnlySpan<float> row = Row(jointRegressor, joint, count);
            for (int v = 0; v < count; v++)
                sum += row[v] * new Vector3(template.AsSpan(3 * v, 3));
            return sum;
        }
    }

    // Writes a row as (1 - share) of one joint and share of another.
    private static void Mix(float[] result, float[] jointRegressor, int count, int keypoint, int joint, int other, float share)
    {
        ReadOnlySpan<float> of = Row(jointRegressor, joint, count), and = Row(jointRegressor, other, count);
        for (int v = 0; v < count; v++)
            result[keypoint * count + v] = (1 - share) * of[v] + share * and[v];
    }

    private static ReadOnlySpan<float> Row(float[] regressor, int row, int count) => regressor.AsSpan(row * count, count);
}
