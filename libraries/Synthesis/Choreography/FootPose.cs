using System.Numerics;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>The pose of a foot: its place, the direction of the toes, and its roll from heel to toe.</summary>
/// <param name="Place">(x, height of the sole, z) under the ankle of the flat foot, metres.</param>
/// <param name="Yaw">The direction of the toes, degrees to the left.</param>
/// <param name="Pitch">Degrees: positive lifts the heel (the foot is on the ball), negative lifts the toes (the foot is on the
/// heel).</param>
internal readonly record struct FootPose(Vector3 Place, float Yaw, float Pitch)
{
    private const float AnkleHeight = -1.09f - RestSkeleton.Floor;
    private const float RollWidth = 6;
    private static readonly Vector3 s_heel = new(0, 0, -0.05f);
    private static readonly Vector3 s_ball = new(0, -1.14f - RestSkeleton.Floor, 0.121f);

    /// <summary>The foot's rotation in the world.</summary>
    public Quaternion Orientation => Rotation.Y(Yaw) * Rotation.X(Pitch);

    /// <summary>The rotation of the toes relative to the foot, degrees: they stay flat while the heel is up.</summary>
    public float ToeBend => -Math.Clamp(Pitch, 0, 40);

    /// <summary>The position of the ankle joint: the foot rolls about the heel or the ball, with a transition over the sole.</summary>
    public Vector3 Ankle
    {
        get
        {
            Vector3 pivot = Vector3.Lerp(s_heel, s_ball, Ramp.Smooth(-RollWidth, RollWidth, Pitch));
            Vector3 rolled = pivot + Vector3.Transform(new Vector3(0, AnkleHeight, 0) - pivot, Rotation.X(Pitch));
            return Place + new Vector3(0, RestSkeleton.Floor, 0) + Vector3.Transform(rolled, Rotation.Y(Yaw));
        }
    }
}
