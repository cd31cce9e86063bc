using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>What a person sits on: boxes and ellipses around the hips, behind and in front of the person, and sometimes wheels.</summary>
internal readonly struct Seat
{
    // Both hips are bent by at least this angle in radians.
    private const float SittingAngle = 0.9f;

    private readonly int _size;
    private readonly float _x, _y, _trunk;

    private Seat(int size, float x, float y, float trunk) => (_size, _x, _y, _trunk) = (size, x, y, trunk);

    /// <summary>Returns the seat of a person.</summary>
    /// <param name="snapshot">The picture with the person's SMPL parameters and key points.</param>
    /// <returns>The seat; null if the person does not sit.</returns>
    public static Seat? Of(Snapshot snapshot)
    {
        Span<float> pose = new Smpl(snapshot.Smpl).Pose;
        if (MathF.Max(pose[3 * Skeleton.LeftHip], pose[3 * Skeleton.RightHip]) > -SittingAngle)
            return null;
        Vector2 left = Point(CocoSkeleton.LeftHip), right = Point(CocoSkeleton.RightHip), hips = (left + right) / 2;
        float trunk = Vector2.Distance(hips, (Point(CocoSkeleton.LeftShoulder) + Point(CocoSkeleton.RightShoulder)) / 2);
        return new Seat(snapshot.Size, hips.X, hips.Y, MathF.Max(trunk, 4));

        Vector2 Point(int k) => new(snapshot.Keypoints[3 * k], snapshot.Keypoints[3 * k + 1]);
    }

    /// <summary>Paints what is behind the person.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="image">[3,S,S] in [-1,1].</param>
    public void PaintBehind(ref Dice dice, Span<float> image)
    {
        if (dice.Chance(0.35f))
            Wheel(ref dice).Paint(image, null, null);
        for (int i = dice.Below(4); i > 0; i--)
            Part(ref dice, dice.Between(-0.6f, 0.9f), dice.Between(0.3f, 0.8f)).Paint(image, null, null);
    }

    /// <summary>Paints what is in front of the person.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="snapshot">The picture; its mask and key points are hidden too.</param>
    public void PaintAhead(ref Dice dice, Snapshot snapshot)
    {
        if (dice.Chance(0.3f))
            Wheel(ref dice).Paint(snapshot.Image, snapshot.Mask, snapshot.Keypoints);
        else if (dice.Chance(0.3f))
            Part(ref dice, dice.Between(0.2f, 0.9f), dice.Between(0.2f, 0.5f)).Paint(snapshot.Image, snapshot.Mask, snapshot.Keypoints);
    }

    private Wheel Wheel(ref Dice dice) => new(ref dice, _size, new Vector2(_x, _y), _trunk);

    // Below is the distance of its centre below the hips, and half its half extent, both in lengths of the trunk.
    private Patch Part(ref Dice dice, float below, float half) => new(ref dice, _size, (_x + 0.3f * _trunk * dice.Normal()) / _size,
        (_y + below * _trunk) / _size, half * _trunk / _size);
}
