using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Tests.People;

[TestClass]
public sealed class SittingTests
{
    private const int Size = 64, Drawn = 400;

    // The soft limits of hips and knees in the fit.
    [TestMethod]
    public void SittingPeopleHaveBentHipsAndAnUprightTrunk()
    {
        int bent = 0;
        for (ulong seed = 0; seed < Drawn; seed++)
        {
            float[] pose = Standing(seed, out Dice dice);
            SyntheticPose.Sit(ref dice, pose);
            foreach (int hip in (int[])[Skeleton.LeftHip, Skeleton.RightHip])
                Assert.IsInRange(-2.1f, 0.4f, pose[3 * hip]);
            foreach (int knee in (int[])[Skeleton.LeftKnee, Skeleton.RightKnee])
                Assert.IsInRange(0, 2.5f, pose[3 * knee]);
            // The camera's y axis points down.
            Assert.IsLessThan(-0.5f, Trunk(pose).Y, $"seed {seed}");
            bent += Seat.Of(Picture(pose)) is not null ? 1 : 0;
        }
        Assert.IsGreaterThan(Drawn / 2, bent);
    }

    [TestMethod]
    public void LyingPeopleHaveATrunkThatPointsToTheLeftOrRight()
    {
        int left = 0;
        for (ulong seed = 0; seed < Drawn; seed++)
        {
            float[] pose = Standing(seed, out Dice dice);
            SyntheticPose.Lie(ref dice, pose);
            Assert.IsGreaterThan(0.5f, MathF.Abs(Trunk(pose).X), $"seed {seed}");
            left += Trunk(pose).X < 0 ? 1 : 0;
        }
        // Half of them, with five standard deviations to either side.
        Assert.IsInRange(Drawn / 2 - 50, Drawn / 2 + 50, left);
    }

    [TestMethod]
    public void StandingPeopleHaveNoSeat() => Assert.IsNull(Seat.Of(Picture(new float[SmplLayout.PoseCount])));

    // In front of the person, a seat hides the mask and the key points at the same places; behind it, it changes the picture only.
    [TestMethod]
    public void SeatsHideMaskAndKeyPointsTogether()
    {
        float[] pose = new float[SmplLayout.PoseCount];
        (pose[3 * Skeleton.LeftHip], pose[3 * Skeleton.RightHip]) = (-1.5f, -1.5f);
        int hidden = 0, painted = 0;
        for (ulong seed = 0; seed < Drawn; seed++)
        {
            Snapshot picture = Picture(pose);
            var dice = new Dice(seed);
            Seat seat = Seat.Of(picture)!.Value;
            seat.PaintBehind(ref dice, picture.Image);
            painted += picture.Image.Any(v => v != 0) ? 1 : 0;
            Assert.IsTrue(picture.Mask.All(m => m == 1));
            seat.PaintAhead(ref dice, picture);
            for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
            {
                float mask = picture.Mask[(int)picture.Keypoints[3 * k + 1] * Size + (int)picture.Keypoints[3 * k]];
                Assert.AreEqual(mask < 0.5f ? 0.5f : 1, picture.Keypoints[3 * k + 2], $"seed {seed}, key point {k}, mask {mask}");
                hidden += mask < 0.5f ? 1 : 0;
            }
            Assert.IsTrue(picture.Image.All(float.IsFinite));
        }
        Assert.IsGreaterThan(Drawn / 2, painted);
        Assert.IsGreaterThan(Drawn / 4, hidden);
    }

    private static float[] Standing(ulong seed, out Dice dice)
    {
        dice = new Dice(seed);
        float[] pose = new float[SmplLayout.PoseCount];
        SyntheticPose.DrawVaried(ref dice, source: false, anySide: false, pose);
        return pose;
    }

    private static System.Numerics.Vector3 Trunk(float[] pose)
    {
        float[] root = new float[9];
        Rotations.FromAxisAngle(pose.AsSpan(0, 3), root);
        return new(root[1], root[4], root[7]);
    }

    // Key points at the centres of pixels: the trunk is 16 pixels long and ends at the hips in row 30.
    private static Snapshot Picture(float[] pose)
    {
        var picture = new Snapshot(Size);
        pose.CopyTo(new Smpl(picture.Smpl).Pose);
        picture.Mask.AsSpan().Fill(1);
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            int row = k <= CocoSkeleton.RightEar ? 8 : k <= CocoSkeleton.RightShoulder ? 14 : 30 + k;
            if (k is CocoSkeleton.LeftHip or CocoSkeleton.RightHip)
                row = 30;
            (picture.Keypoints[3 * k], picture.Keypoints[3 * k + 1], picture.Keypoints[3 * k + 2]) = (32.5f + k % 2 * 6, row + 0.5f, 1);
        }
        return picture;
    }
}
