using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Body;

/// <summary>A body in one pose: reusable arrays that <see cref="BodyModel.Pose(ReadOnlySpan{float}, PosedBody)"/> fills. Not
/// thread-safe.</summary>
public sealed class PosedBody
{
    /// <summary>Allocates the arrays of one posed body.</summary>
    /// <param name="body">The body model.</param>
    public PosedBody(BodyModel body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Body = body;
        Vertices = new float[3 * body.VertexCount];
        Amounts = new float[body.DenseDirectionCount];
        int keypoints = body.HasKeypoints ? Skeleton.KeypointCount : 0;
        Keypoints = new float[3 * keypoints];
        Keypoints2D = new float[2 * keypoints];
    }

    /// <summary>The body model.</summary>
    public BodyModel Body { get; }

    /// <summary>The posed vertices [V,3], metres.</summary>
    public float[] Vertices { get; }

    /// <summary>The posed joints [24,3], metres.</summary>
    public float[] Joints { get; } = new float[3 * Skeleton.JointCount];

    /// <summary>The 19 key points [19,3], metres; empty if the body has no regressor for them.</summary>
    public float[] Keypoints { get; }

    /// <summary>The 19 key points in the picture [19,2], s * (xy + t); inside the picture they are in [-1,1].</summary>
    public float[] Keypoints2D { get; }

    internal float[] Amounts { get; }

    internal float[] RestJoints { get; } = new float[3 * Skeleton.JointCount];

    internal float[] Rotations { get; } = new float[9 * Skeleton.JointCount];

    internal float[] WorldRotations { get; } = new float[9 * Skeleton.JointCount];

    internal Vector128<float>[] Columns { get; } = new Vector128<float>[4 * Skeleton.JointCount];
}
