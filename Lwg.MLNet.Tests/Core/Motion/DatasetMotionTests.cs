using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Tests.Motion;

/// <summary>Tests the motion files of data sets: iPER's in four dialects of pickle, and AMASS's.</summary>
[TestClass]
public class DatasetMotionTests
{
    // Rotations that are converted to a float32 quaternion and back: a few units in the last place of 1, with a margin.
    private const double RotationTolerance = 2e-6;

    public static IEnumerable<object[]> Dialects() =>
        ((string[])["pose_shape", "pose_shape_protocol4", "pose_shape_py2", "pose_shape_py2_protocol0"]).Select(n => (object[])[n]);

    [TestMethod]
    [DynamicData(nameof(Dialects))]
    public void IpersNumbersComeOutExactly(string dialect)
    {
        string path = Fixture.PathOf($"motion/{dialect}.pkl");
        CollectionAssert.AreEqual(Fixture.Singles("motion/theta.npy"), MotionFile.IperSmpl(PickleFile.ReadDictionary(path), path));
    }

    [TestMethod]
    [DynamicData(nameof(Dialects))]
    public void AnIperFileIsAMotionWhoseBodyIsTurnedUpright(string dialect)
    {
        MotionClip clip = MotionClip.Load(Fixture.PathOf($"motion/{dialect}.pkl"));
        float[] theta = Fixture.Singles("motion/theta.npy");
        Assert.AreEqual((dialect, 5, 30f), (clip.Name, clip.FrameCount, clip.FramesPerSecond));
        for (int f = 0; f < 5; f++)
        {
            ReadOnlySpan<float> row = theta.AsSpan(85 * f, 85), pose = clip.Pose(f);
            CollectionAssert.AreEqual(row[6..75].ToArray(), pose[3..].ToArray(), $"frame {f}: all joints but the root");
            // Camera and body coordinates differ by half a turn about x.
            double[] camera = Matrix(row[3..6]), body = Matrix(pose[..3]);
            for (int i = 0; i < 9; i++)
                Assert.AreEqual(i < 3 ? camera[i]
                    : -camera[i], body[i], RotationTolerance, $"frame {f}, element {i} of the root's rotation");
            CollectionAssert.AreEqual((float[])[row[1], -row[2], 0], clip.Translation(f).ToArray());
        }
        for (int b = 0; b < 10; b++)
            Assert.AreEqual(Enumerable.Range(0, 5).Average(f => (double)theta[85 * f + 75 + b]), clip.Shape[b], 1e-6, "the mean shape");
    }

    [TestMethod]
    public void AmassGivesItsFirst22JointsStandingUpright()
    {
        string path = Fixture.PathOf("motion/amass_like.npz");
        using NumpyArchive archive = NumpyArchive.Open(path);
        NumpyArray array = archive.Read("poses");
        (float[] poses, float[] way) = (array.ToSingles(-1, 156), archive.Read("trans").ToSingles(-1, 3));
        MotionClip clip = MotionClip.Load(path);
        Assert.AreEqual(array.Shape[0], clip.FrameCount);
        Assert.AreEqual(archive.Read(archive.Contains("mocap_framerate") ? "mocap_framerate" : "mocap_frame_rate").ToSingles()[0],
            clip.FramesPerSecond);
        CollectionAssert.AreEqual(archive.Read("betas").ToSingles()[..SmplLayout.ShapeCount], clip.Shape.ToArray());
        for (int f = 0; f < clip.FrameCount; f++)
        {
            ReadOnlySpan<float> row = poses.AsSpan(156 * f, 156), pose = clip.Pose(f);
            CollectionAssert.AreEqual(row[3..66].ToArray(), pose[3..66].ToArray(), $"frame {f}: all body joints but the root");
            CollectionAssert.AreEqual(new float[6], pose[66..].ToArray(), $"frame {f}: the hands are at rest");
            // -90 degrees about x: (x, y, z) becomes (x, z, -y); rows 0, 1, 2 of a rotation become 0, 2, -1.
            double[] up = Matrix(row[..3]), actual = Matrix(pose[..3]), expected = [.. up[..3], .. up[6..], .. up[3..6].Select(x => -x)];
            for (int i = 0; i < 9; i++)
                Assert.AreEqual(expected[i], actual[i], RotationTolerance, $"frame {f}, element {i} of the root's rotation");
            Vector3 moved = new(way[3 * f], way[3 * f + 2], -way[3 * f + 1]);
            for (int i = 0; i < 3; i++)
                Assert.AreEqual(moved[i], clip.Translation(f)[i], RotationTolerance * (1 + moved.Length()), $"frame {f}: the way");
        }
    }

    // Rodrigues' formula, in double.
    private static double[] Matrix(ReadOnlySpan<float> vector)
    {
        double x = vector[0], y = vector[1], z = vector[2], angle = Math.Sqrt(x * x + y * y + z * z);
        if (angle == 0)
            return [1, 0, 0, 0, 1, 0, 0, 0, 1];
        (x, y, z) = (x / angle, y / angle, z / angle);
        double c = Math.Cos(angle), s = Math.Sin(angle), t = 1 - c;
        return [t * x * x + c, t * x * y - s * z, t * x * z + s * y, t * x * y + s * z, t * y * y + c, t * y * z - s * x, t * x * z - s * y,
            t * y * z + s * x, t * z * z + c];
    }
}
