using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>The borders between body parts at rest, as signed distances (metres) that are positive beyond the border.</summary>
internal static class Regions
{
    /// <summary>Beyond the shoulder: from the end of the collar bone to the armpit.</summary>
    public static double PastShoulder(Vector3D p) =>
        (Math.Abs(p.X) - 0.168 + 0.45 * (Math.Min(p.Y, 0.27) - 0.20) - 0.5 * Math.Max(p.Y - 0.30, 0)) / 1.1;

    /// <summary>Beyond the hip: from the groin up to the outer hip, lower at the back.</summary>
    public static double PastHip(Vector3D p) => (-0.372 + 0.60 * Math.Min(Math.Abs(p.X), 0.17) + 0.30 * Math.Min(p.Z, 0) - p.Y) / 1.2;

    /// <summary>Above the root of the neck, higher at the back.</summary>
    public static double PastNeck(Vector3D p) => p.Y - 0.268 + 0.35 * (p.Z + 0.015) - 1.2 * Math.Max(Math.Abs(p.X) - 0.055, 0);

    /// <summary>Above the base of the skull: jaw, chin and back of the head.</summary>
    public static double PastSkullBase(Vector3D p) => p.Y - 0.330 + (p.Z > 0.01 ? 0.80 : 0.30) * (p.Z - 0.01);

    /// <summary>Below the ankle.</summary>
    public static double PastAnkle(Vector3D p) => -1.068 - p.Y;

    /// <summary>Beyond the wrist.</summary>
    public static double PastWrist(Vector3D p) => Math.Abs(p.X) - 0.688;

    /// <summary>Returns the body part of a surface point.</summary>
    public static BodyPart PartAt(Vector3D p)
    {
        bool left = p.X > 0;
        if (PastShoulder(p) > 0)
            return PastWrist(p) > 0 ? left ? BodyPart.LeftHand : BodyPart.RightHand : left ? BodyPart.LeftArm : BodyPart.RightArm;
        if (PastHip(p) > 0)
            return PastAnkle(p) > 0 ? left ? BodyPart.LeftFoot : BodyPart.RightFoot : left ? BodyPart.LeftLeg : BodyPart.RightLeg;
        return PastNeck(p) > 0 ? BodyPart.Head : BodyPart.Torso;
    }

    /// <summary>Returns whether a point of the head belongs to the facial front: forehead to chin, between the ears.</summary>
    public static bool IsFaceFront(Vector3D p) =>
        PastSkullBase(p) > 0.012 && p.Y < 0.468 && p.Z > 0.034 + 0.25 * Math.Max(p.Y - 0.43, 0) && Math.Abs(p.X) < 0.072;
}
