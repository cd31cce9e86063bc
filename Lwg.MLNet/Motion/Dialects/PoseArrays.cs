using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion.Dialects;

/// <summary>Converts poses of SMPL, SMPL-H and SMPL-X, as axis-angle vectors or rotation matrices, to SMPL's 72 pose parameters. The
/// finger joints are ignored.</summary>
internal static class PoseArrays
{
    /// <summary>The number of joints that SMPL, SMPL-H and SMPL-X have in common.</summary>
    public const int BodyJoints = 22;

    /// <summary>Reads the poses of frames: [N,72], [N,24,3], [N,156], [N,165], [N,24,3,3], [N,216]...</summary>
    /// <param name="node">The array.</param>
    /// <param name="isOneFrame">Whether the array has no axis for frames.</param>
    /// <returns>[N,72].</returns>
    public static float[] Read(MotionNode node, bool isOneFrame = false)
    {
        (float[] rotations, int joints) = AxisAngles(node, isOneFrame);
        return joints == Skeleton.JointCount ? rotations : joints >= BodyJoints ? Widened(rotations, joints, 0, BodyJoints)
            : throw node.Bad($"it has {joints} joints a frame; {Skeleton.JointCount} (SMPL), 52 (SMPL-H), 55 (SMPL-X) or "
            + $"{BodyJoints} are read.");
    }

    /// <summary>Reads the rotations of the root and of the body from separate arrays.</summary>
    /// <returns>[N,72].</returns>
    public static float[] Read(MotionNode root, MotionNode body, bool isOneFrame = false)
    {
        (float[] first, int one) = AxisAngles(root, isOneFrame);
        (float[] others, int joints) = AxisAngles(body, isOneFrame);
        if (one != 1 || first.Length / 3 * joints * 3 != others.Length)
            throw body.Bad($"it has {others.Length} values, which do not match the {first.Length / 3} frames of '{root.Name}'.");
        float[] poses = Widened(others, joints, 1, Math.Min(joints, joints == Skeleton.JointCount - 1 ? joints : BodyJoints - 1));
        for (int f = 0; f < first.Length / 3; f++)
            first.AsSpan(3 * f, 3).CopyTo(poses.AsSpan(f * SmplLayout.PoseCount));
        return poses;
    }

    private static float[] Widened(float[] rotations, int joints, int from, int take)
    {
        int frames = rotations.Length / (3 * joints);
        float[] poses = new float[frames * SmplLayout.PoseCount];
        for (int f = 0; f < frames; f++)
            rotations.AsSpan(3 * joints * f, 3 * take).CopyTo(poses.AsSpan(f * SmplLayout.PoseCount + 3 * from));
        return poses;
    }

    private static (float[] AxisAngles, int Joints) AxisAngles(MotionNode node, bool isOneFrame)
    {
        float[] numbers = node.Numbers();
        int[] shape = node.IsList ? [numbers.Length] : node.ToArray().Shape;
        int frames = isOneFrame ? 1 : shape.Length == 0 ? 0 : shape[0];
        if (frames == 0 || numbers.Length == 0 || numbers.Length % frames != 0)
            throw node.Bad($"its shape is [{string.Join(", ", shape)}], which does not divide into frames.");
        int each = numbers.Length / frames;
        bool matrices = (shape.Length >= (isOneFrame ? 2 : 3) && shape[^1] == 3 && shape[^2] == 3
            && !(shape.Length == 3 && !isOneFrame && each == 9 && IsAxisAngle(numbers))) || each == 9 * Skeleton.JointCount;
        if (!matrices)
            return each % 3 == 0 ? (numbers, each / 3)
                : throw node.Bad($"it has {each} values a frame, which are neither axis-angle vectors nor matrices of joints.");
        float[] vectors = new float[numbers.Length / 3];
        for (int i = 0; i < numbers.Length / 9; i++)
        {
            ReadOnlySpan<float> matrix = numbers.AsSpan(9 * i, 9);
            if (!IsRotation(matrix))
                throw node.Bad($"its matrix {i} is not a rotation.");
            Rotations.ToAxisAngle(matrix, vectors.AsSpan(3 * i, 3));
        }
        return (vectors, each / 9);
    }

    // Three joints per frame can be mistaken for a matrix.
    private static bool IsAxisAngle(float[] numbers)
    {
        for (int i = 0; i < numbers.Length; i += 9)
        {
            if (!IsRotation(numbers.AsSpan(i, 9)))
                return true;
        }
        return false;
    }

    private static bool IsRotation(ReadOnlySpan<float> m)
    {
        for (int r = 0; r < 3; r++)
        {
            for (int q = r; q < 3; q++)
            {
                float dot = m[3 * r] * m[3 * q] + m[3 * r + 1] * m[3 * q + 1] + m[3 * r + 2] * m[3 * q + 2];
                if (!(Math.Abs(dot - (r == q ? 1 : 0)) < 0.02f))
                    return false;
            }
        }
        return true;
    }
}
