using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Synthesis.Choreography;

namespace Lwg.MLNet.Tests.Motion;

[TestClass]
public class BuiltInMotionTests
{
    private const float Degrees = 180 / MathF.PI;

    public static IEnumerable<object[]> Names => MotionClip.BuiltInNames.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void TheStoredFileIsTheOutputOfTheCode(string name)
    {
        MotionClip frozen = MotionClip.Load(name), made = Choreographer.Make(name);
        Assert.AreEqual(made.FrameCount, frozen.FrameCount);
        Assert.AreEqual(made.FramesPerSecond, frozen.FramesPerSecond);
        // Sines differ in the last bits between systems; 1e-4 radians are a fiftieth of a millimetre at the foot.
        AssertClose(made.Poses, frozen.Poses, 1e-4f);
        AssertClose(made.Translations, frozen.Translations, 1e-4f);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void LastsTwoToFourSecondsAndNoFrameRepeats(string name)
    {
        MotionClip clip = MotionClip.Load(name);
        Assert.AreEqual(24f, clip.FramesPerSecond);
        Assert.IsInRange(48, 96, clip.FrameCount);
        for (int a = 0; a < clip.FrameCount; a++)
        {
            for (int b = 0; b < a; b++)
            {
                float difference = MathF.Max(Difference(clip.Pose(a), clip.Pose(b)), Difference(clip.Translation(a), clip.Translation(b)));
                Assert.IsGreaterThan(1e-4f, difference, $"Frames {b} and {a} of {name} are alike.");
            }
        }
    }

    // The fastest human joints reach about 700 degrees a second in walking and dancing (the knee in swing about 400).
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void MovesSmoothly(string name)
    {
        MotionClip clip = MotionClip.Load(name);
        for (int joint = 0; joint < Skeleton.JointCount; joint++)
        {
            Vector3 before = default;
            for (int frame = 1; frame < clip.FrameCount; frame++)
            {
                Vector3 velocity = AngularVelocity(clip, frame, joint);
                Assert.IsLessThan(600f, velocity.Length(), $"{name}, frame {frame}, {Skeleton.JointNames[joint]}: degrees a second.");
                if (frame > 1)
                    Assert.IsLessThan(8000f, (velocity - before).Length() * clip.FramesPerSecond,
                        $"{name}, frame {frame}, {Skeleton.JointNames[joint]}: degrees a second squared.");
                before = velocity;
            }
        }
    }

    // By forward kinematics alone: while the ball or the heel of a foot is within 5 mm of the floor, it stays within 1 cm of its first
    // contact.
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void FeetThatStandDoNotSlide(string name)
    {
        MotionClip clip = MotionClip.Load(name);
        foreach ((int ankle, int ball) in new[] { (7, 10), (8, 11) })
        {
            Vector3 heelAtRest = RestSkeleton.Position(ankle) with { Y = RestSkeleton.Floor } - new Vector3(0, 0, 0.05f);
            Vector3? ballStands = null, heelStands = null;
            int standing = 0;
            for (int frame = 0; frame < clip.FrameCount; frame++)
            {
                (Vector3[] joints, Quaternion[] orientations) = Kinematics(clip, frame);
                Vector3 heel = joints[ankle] + Vector3.Transform(heelAtRest - RestSkeleton.Position(ankle), orientations[ankle]);
                bool ballDown = Slides(joints[ball], RestSkeleton.Position(ball).Y, ref ballStands,
                    $"{name}, frame {frame}, ball of {Skeleton.JointNames[ankle]}");
                bool heelDown = Slides(heel, RestSkeleton.Floor, ref heelStands,
                    $"{name}, frame {frame}, heel of {Skeleton.JointNames[ankle]}");
                standing += ballDown || heelDown ? 1 : 0;
                Assert.IsGreaterThan(RestSkeleton.Floor - 0.008f, heel.Y, $"{name}, frame {frame}: a heel under the floor.");
                Assert.IsGreaterThan(RestSkeleton.Position(ball).Y - 0.008f, joints[ball].Y,
                    $"{name}, frame {frame}: toes under the floor.");
            }
            Assert.IsGreaterThan(clip.FrameCount / 2, standing, $"{name}: each foot stands more than half of the time.");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void AlwaysOneFootIsOnTheFloor(string name)
    {
        MotionClip clip = MotionClip.Load(name);
        for (int frame = 0; frame < clip.FrameCount; frame++)
        {
            (Vector3[] joints, _) = Kinematics(clip, frame);
            Assert.IsLessThan(RestSkeleton.Position(10).Y + 0.02f, MathF.Min(joints[10].Y, joints[11].Y),
                $"{name}, frame {frame}: in the air.");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void JointsStayWithinHumanLimits(string name)
    {
        MotionClip clip = MotionClip.Load(name);
        for (int frame = 0; frame < clip.FrameCount; frame++)
        {
            ReadOnlySpan<float> pose = clip.Pose(frame);
            foreach (int knee in new[] { 4, 5 })
            {
                Assert.IsInRange(0f, 140f, pose[3 * knee] * Degrees, $"{name}, frame {frame}: a knee bends back only.");
                Assert.AreEqual(0f, MathF.Abs(pose[3 * knee + 1]) + MathF.Abs(pose[3 * knee + 2]), 1e-3f, "A knee is a hinge.");
            }
            // The left elbow bends about -y, the right one about +y.
            Assert.IsInRange(0f, 145f, -pose[3 * 18 + 1] * Degrees, $"{name}, frame {frame}: left elbow.");
            Assert.IsInRange(0f, 145f, pose[3 * 19 + 1] * Degrees, $"{name}, frame {frame}: right elbow.");
            foreach ((int joint, float limit) in new[] { (1, 125f), (2, 125f), (3, 30f), (6, 30f), (9, 30f), (7, 45f), (8, 45f), (10, 45f),
                (11, 45f), (12, 40f), (15, 40f), (13, 35f), (14, 35f), (16, 130f), (17, 130f), (20, 40f), (21, 40f) })
                Assert.IsLessThan(limit, Norm(pose.Slice(3 * joint, 3)) * Degrees, $"{name}, frame {frame}, {Skeleton.JointNames[joint]}.");
        }
    }

    [TestMethod]
    [DataRow("wave")]
    [DataRow("squat")]
    [DataRow("dance")]
    [DataRow("walk")]
    public void PosesGoOnWhereTheyBegan(string name)
    {
        MotionClip clip = MotionClip.Load(name);
        // The step from the last frame to the first is like any other.
        float step = Difference(clip.Pose(clip.FrameCount - 1), clip.Pose(0));
        float largest = Enumerable.Range(1, clip.FrameCount - 1).Max(f => Difference(clip.Pose(f), clip.Pose(f - 1)));
        Assert.IsLessThanOrEqualTo(largest, step);
    }

    private static bool Slides(Vector3 point, float floor, ref Vector3? stands, string where)
    {
        if (point.Y > floor + 0.005f)
        {
            stands = null;
            return false;
        }
        stands ??= point;
        Vector3 slide = point - stands.Value;
        Assert.IsLessThan(0.01f, MathF.Sqrt(slide.X * slide.X + slide.Z * slide.Z), where);
        return true;
    }

    private static (Vector3[] Joints, Quaternion[] Orientations) Kinematics(MotionClip clip, int frame)
    {
        var joints = new Vector3[Skeleton.JointCount];
        var orientations = new Quaternion[Skeleton.JointCount];
        RestSkeleton.Pose(clip.Pose(frame), new Vector3(clip.Translation(frame)), joints, orientations);
        return (joints, orientations);
    }

    private static Vector3 AngularVelocity(MotionClip clip, int frame, int joint)
    {
        Quaternion before = AxisAngle.ToQuaternion(clip.Pose(frame - 1).Slice(3 * joint, 3)),
            now = AxisAngle.ToQuaternion(clip.Pose(frame).Slice(3 * joint, 3));
        return AxisAngle.FromQuaternion(now * Quaternion.Conjugate(before), default) * clip.FramesPerSecond * Degrees;
    }

    private static float Norm(ReadOnlySpan<float> v) => new Vector3(v).Length();

    private static float Difference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float most = 0;
        for (int i = 0; i < a.Length; i++)
            most = MathF.Max(most, MathF.Abs(a[i] - b[i]));
        return most;
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        Assert.IsLessThanOrEqualTo(tolerance, Difference(expected, actual));
    }

    [TestMethod]
    public void AnUnknownMotionIsRefusedByName() =>
        Assert.Contains("walk", Assert.ThrowsExactly<ArgumentException>(() => Choreographer.Make("limbo")).Message);
}
