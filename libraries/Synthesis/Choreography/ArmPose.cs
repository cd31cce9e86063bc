using System.Numerics;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>How an arm is held, in degrees; zero everywhere hangs straight down with the palm towards the thigh.</summary>
/// <param name="Abduct">Away from the body, sideways: 90 is level.</param>
/// <param name="Swing">To the front.</param>
/// <param name="Elbow">The elbow's flexion.</param>
/// <param name="Twist">The upper arm about itself: positive turns a bent forearm of the level arm up.</param>
/// <param name="Wrist">The hand bent to the palm's side.</param>
/// <param name="Sway">The hand bent to the little finger's side.</param>
internal readonly record struct ArmPose(float Abduct, float Swing, float Elbow, float Twist = 0, float Wrist = 0, float Sway = 0)
{
    /// <summary>An arm at ease.</summary>
    public static ArmPose Relaxed { get; } = new(15, 2, 15, Wrist: 6);

    // The shoulder blade takes a quarter of what the arm is lifted above this.
    private const float CollarStart = 35, CollarShare = 0.25f;

    private float CollarLift => CollarShare * MathF.Max(0, Abduct - CollarStart);

    /// <summary>The left collar's rotation against the chest.</summary>
    public Quaternion Collar => Rotation.Z(CollarLift - 7);

    /// <summary>The left shoulder's rotation against the collar.</summary>
    public Quaternion Shoulder => Quaternion.Conjugate(Collar) * Rotation.X(-Swing) * Rotation.Z(Abduct - 90) * Rotation.X(-Twist);

    /// <summary>The left elbow's rotation.</summary>
    public Quaternion ElbowRotation => Rotation.Y(-Elbow);

    /// <summary>The left wrist's rotation.</summary>
    public Quaternion WristRotation => Rotation.Y(Sway) * Rotation.Z(-Wrist);
}
