using System.Numerics;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>The pose of an arm, in degrees; with all angles zero it hangs straight down with the palm towards the thigh.</summary>
/// <param name="Abduct">Sideways, away from the body: 90 is horizontal.</param>
/// <param name="Swing">To the front.</param>
/// <param name="Elbow">The elbow's flexion.</param>
/// <param name="Twist">Rotation of the upper arm about its axis: positive turns the bent forearm of a horizontal arm up.</param>
/// <param name="Wrist">Flexion of the hand towards the palm.</param>
/// <param name="Sway">Flexion of the hand towards the little finger.</param>
internal readonly record struct ArmPose(float Abduct, float Swing, float Elbow, float Twist = 0, float Wrist = 0, float Sway = 0)
{
    /// <summary>A relaxed arm.</summary>
    public static ArmPose Relaxed { get; } = new(15, 2, 15, Wrist: 6);

    // Above this angle, the shoulder blade takes a quarter of the lift.
    private const float CollarStart = 35, CollarShare = 0.25f;

    private float CollarLift => CollarShare * MathF.Max(0, Abduct - CollarStart);

    /// <summary>The left collar's rotation relative to the chest.</summary>
    public Quaternion Collar => Rotation.Z(CollarLift - 7);

    /// <summary>The left shoulder's rotation relative to the collar.</summary>
    public Quaternion Shoulder => Quaternion.Conjugate(Collar) * Rotation.X(-Swing) * Rotation.Z(Abduct - 90) * Rotation.X(-Twist);

    /// <summary>The left elbow's rotation.</summary>
    public Quaternion ElbowRotation => Rotation.Y(-Elbow);

    /// <summary>The left wrist's rotation.</summary>
    public Quaternion WristRotation => Rotation.Y(Sway) * Rotation.Z(-Wrist);
}
