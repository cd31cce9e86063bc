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
            new Wheel(ref dice, this).Paint(image, null, null);
        for (int i = dice.Below(4); i > 0; i--)
            Part(ref dice, dice.Between(-0.6f, 0.9f), dice.Between(0.3f, 0.8f)).Paint(image, null, null);
    }

    /// <summary>Paints what is in front of the person.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="snapshot">The picture; its mask and key points are hidden too.</param>
    public void PaintAhead(ref Dice dice, Snapshot snapshot)
    {
        if (dice.Chance(0.3f))
            new Wheel(ref dice, this).Paint(snapshot.Image, snapshot.Mask, snapshot.Keypoints);
        else if (dice.Chance(0.3f))
            Part(ref dice, dice.Between(0.2f, 0.9f), dice.Between(0.2f, 0.5f)).Paint(snapshot.Image, snapshot.Mask, snapshot.Keypoints);
    }

    // Below is the distance of its centre below the hips, and half its half extent, both in lengths of the trunk.
    private Patch Part(ref Dice dice, float below, float half) => new(ref dice, _size, (_x + 0.3f * _trunk * dice.Normal()) / _size,
        (_y + below * _trunk) / _size, half * _trunk / _size);

    // A ring with spokes, or a disc, seen from any side.
    private readonly struct Wheel
    {
        private readonly Vector3 _color, _disc;
        private readonly Vector2 _centre, _radii;
        private readonly float _rim;
        private readonly int _size, _spokes;
        private readonly bool _full;

        public Wheel(ref Dice dice, Seat seat)
        {
            float radius = seat._trunk * dice.Between(0.35f, 0.75f);
            _size = seat._size;
            _radii = new Vector2(radius * (dice.Chance(0.5f) ? 1 : dice.Between(0.15f, 1)), radius);
            _centre = new Vector2(seat._x + 0.4f * seat._trunk * dice.Normal(), seat._y + seat._trunk * dice.Between(0.1f, 0.7f));
            _rim = dice.Between(0.06f, 0.2f);
            _spokes = dice.Chance(0.7f) ? 3 + dice.Below(12) : 0;
            _full = dice.Chance(0.3f);
            _color = new Vector3(dice.Between(-1, 0.6f)) + 0.1f * new Vector3(dice.Normal(), dice.Normal(), dice.Normal());
            _disc = new Vector3(dice.Between(-1, 1), dice.Between(-1, 1), dice.Between(-1, 1));
        }

        public void Paint(Span<float> image, float[]? mask, float[]? keypoints)
        {
            int n = _size * _size;
            for (int row = Math.Max(0, (int)(_centre.Y - _radii.Y) - 1); row < Math.Min(_size, (int)(_centre.Y + _radii.Y) + 2); row++)
            {
                for (int column = Math.Max(0, (int)(_centre.X - _radii.X) - 1);
                     column < Math.Min(_size, (int)(_centre.X + _radii.X) + 2); column++)
                {
                    (float cover, bool rim) = Cover(column + 0.5f, row + 0.5f);
                    int at = row * _size + column;
                    for (int c = 0; c < 3; c++)
                        image[c * n + at] += cover * ((rim ? _color : _disc)[c] - image[c * n + at]);
                    if (mask is not null)
                        mask[at] *= 1 - cover;
                }
            }
            for (int k = 0; keypoints is not null && k < CocoSkeleton.KeypointCount; k++)
            {
                if (keypoints[3 * k + 2] > 0 && Cover(keypoints[3 * k], keypoints[3 * k + 1]).Cover > 0.5f)
                    keypoints[3 * k + 2] = 0.5f;
            }
        }

        private (float Cover, bool Rim) Cover(float x, float y)
        {
            Vector2 from = (new Vector2(x, y) - _centre) / _radii;
            float distance = from.Length(), least = MathF.Min(_radii.X, _radii.Y), inside = Math.Clamp((1 - distance) * least + 0.5f, 0, 1);
            float rim = inside * Math.Clamp((distance - 1 + _rim) * least + 0.5f, 0, 1);
            if (_full)
                return (inside, rim > 0.5f);
            float angle = _spokes * MathF.Atan2(from.Y, from.X) / 2;
            float spoke = _spokes == 0 ? 0 : inside * Math.Clamp(1.3f - MathF.Abs(MathF.Sin(angle)) * 2 * distance * least / _spokes, 0, 1);
            return (MathF.Max(rim, spoke), true);
        }
    }
}
