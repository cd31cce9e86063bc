using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Tests.Motion;

[TestClass]
public class MotionClipTests
{
    private string _folder = "";

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("lwg-motion-").FullName;

    [TestCleanup]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void AFileIsReadBackUnchanged()
    {
        var random = new Random(5);
        float[] poses = Numbers(random, 7 * 72), translations = Numbers(random, 7 * 3), shape = Numbers(random, 10);
        string path = Path.Combine(_folder, "mine.npz");
        new MotionClip("x", 29.97f, poses, translations, shape).Save(path);

        MotionClip clip = MotionClip.Load(path);
        Assert.AreEqual("mine", clip.Name);
        Assert.AreEqual(7, clip.FrameCount);
        Assert.AreEqual(29.97f, clip.FramesPerSecond);
        Assert.IsTrue(clip.Poses.SequenceEqual(poses));
        Assert.IsTrue(clip.Translations.SequenceEqual(translations));
        Assert.IsTrue(clip.Shape.SequenceEqual(shape));
        Assert.IsTrue(clip.Pose(3).SequenceEqual(poses.AsSpan(3 * 72, 72)));
        Assert.IsTrue(clip.Translation(3).SequenceEqual(translations.AsSpan(9, 3)));
    }

    [TestMethod]
    public void TranslationAndShapeMayBeMissing()
    {
        string path = Write(archive =>
        {
            archive.Add("poses", new float[2 * 72], 2, 72);
            archive.Add("fps", [30f], 1);
        });
        MotionClip clip = MotionClip.Load(path);
        Assert.AreEqual(6, clip.Translations.Length);
        Assert.AreEqual(0, clip.Shape.Length);
    }

    [TestMethod]
    [DataRow("poses", "missing")]
    [DataRow("fps", "missing")]
    [DataRow("poses", "NaN")]
    [DataRow("trans", "NaN")]
    [DataRow("fps", "NaN")]
    [DataRow("betas", "NaN")]
    [DataRow("poses", "shape")]
    [DataRow("poses", "empty")]
    [DataRow("trans", "shape")]
    [DataRow("fps", "zero")]
    [DataRow("fps", "two")]
    public void BadArrayIsNamed(string entry, string fault)
    {
        string path = Write(archive =>
        {
            foreach ((string name, int[] shape) in new (string, int[])[] { ("poses", [4, 72]), ("fps", [1]), ("trans", [4, 3]),
                ("betas", [10]) })
            {
                if (name != entry)
                {
                    archive.Add(name, Filled(shape, 1), shape);
                    continue;
                }
                int[] bad = fault switch { "shape" => [.. shape[..^1], shape[^1] - 1], "empty" => [0, 72], "two" => [2], _ => shape };
                float[] values = Filled(bad, fault == "zero" ? 0 : 1);
                if (fault == "NaN")
                    values[^1] = float.NaN;
                if (fault != "missing")
                    archive.Add(name, values, bad);
            }
        });
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => MotionClip.Load(path));
        Assert.AreEqual(path, error.File);
        Assert.AreEqual(entry, error.Entry);
    }

    [TestMethod]
    public void FileThatIsNoArchiveIsNamed()
    {
        string path = Path.Combine(_folder, "text.npz");
        File.WriteAllText(path, "left, right, left");
        Assert.AreEqual(path, Assert.ThrowsExactly<ModelFileException>(() => MotionClip.Load(path)).File);

        string cut = Path.Combine(_folder, "cut.npz");
        MotionClip.Load("wave").Save(cut);
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..^300]);
        Assert.AreEqual(cut, Assert.ThrowsExactly<ModelFileException>(() => MotionClip.Load(cut)).File);
    }

    [TestMethod]
    public void AnUnknownNameListsTheKnownOnes()
    {
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => MotionClip.Load("waltz"));
        Assert.AreEqual("waltz", error.File);
        foreach (string name in MotionClip.BuiltInNames)
            Assert.Contains(name, error.Message);
    }

    [TestMethod]
    public void WrongNumbersAreRefused()
    {
        float[] two = new float[2 * 72];
        Assert.ThrowsExactly<ArgumentException>(() => new MotionClip("x", 24, new float[100]));
        Assert.ThrowsExactly<ArgumentException>(() => new MotionClip("x", 24, []));
        Assert.ThrowsExactly<ArgumentException>(() => new MotionClip("x", 24, two, new float[5]));
        Assert.ThrowsExactly<ArgumentException>(() => new MotionClip("x", 24, two, [], new float[9]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MotionClip("x", 0, two));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MotionClip("x", float.NaN, two));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MotionCamera.ToSmpl(new MotionClip("x", 24, two), 0));
    }

    [TestMethod]
    public void StandingFacesTheCameraAndTranslationMovesThePicture()
    {
        float[] translations = [0.5f, 0.1f, 3, 0.7f, 0.4f, 9];
        float[] smpl = MotionCamera.ToSmpl(new MotionClip("x", 24, new float[2 * 72], translations, Filled([10], 2)), 0.8f);
        Assert.AreEqual(2 * SmplLayout.ParameterCount, smpl.Length);
        ReadOnlySpan<float> first = smpl.AsSpan(0, 85), second = smpl.AsSpan(85, 85);
        Assert.AreEqual(0.8f, first[0]);
        Assert.AreEqual(0f, first[1]);
        Assert.AreEqual(MathF.PI, first[3], 1e-6f);
        Assert.AreEqual(0f, new Vector2(first[4], first[5]).Length(), 1e-6f);
        Assert.AreEqual(2f, first[84]);
        // The person moves 20 cm to the left, which is the viewer's right, and 30 cm up, which is minus y.
        Assert.AreEqual(0.2f, second[1] - first[1], 1e-6f);
        Assert.AreEqual(-0.3f, second[2] - first[2], 1e-6f);
    }

    [TestMethod]
    public void RootIsTurnedByHalfATurnAboutX()
    {
        // Compares with 3 x 3 matrices: R' = diag(1, -1, -1) R, checked on the three axes.
        var random = new Random(11);
        float[] poses = Numbers(random, 20 * 72);
        for (int frame = 0; frame < 20; frame++)
        {
            for (int i = 0; i < 3; i++)
                poses[frame * 72 + i] *= 2;
        }
        float[] smpl = MotionCamera.ToSmpl(new MotionClip("x", 24, poses));
        for (int frame = 0; frame < 20; frame++)
        {
            Quaternion body = AxisAngle.ToQuaternion(poses.AsSpan(frame * 72, 3)),
                camera = AxisAngle.ToQuaternion(smpl.AsSpan(frame * 85 + 3, 3));
            foreach (Vector3 axis in new[] { Vector3.UnitX, Vector3.UnitY, Vector3.UnitZ })
            {
                Vector3 expected = Vector3.Transform(axis, body) * new Vector3(1, -1, -1);
                Assert.IsLessThan(1e-5f, (expected - Vector3.Transform(axis, camera)).Length());
            }
            Assert.IsTrue(smpl.AsSpan(frame * 85 + 6, 69).SequenceEqual(poses.AsSpan(frame * 72 + 3, 69)));
        }
    }

    [TestMethod]
    public void RootDoesNotJumpWhileThePersonTurnsAround()
    {
        float[] smpl = MotionCamera.ToSmpl(MotionClip.Load("turn"));
        for (int frame = 1; frame < smpl.Length / 85; frame++)
        {
            Vector3 step = new Vector3(smpl.AsSpan(frame * 85 + 3, 3)) - new Vector3(smpl.AsSpan((frame - 1) * 85 + 3, 3));
            Assert.IsLessThan(0.3f, step.Length(), $"frame {frame}");
        }
    }

    /// <summary>A turn of constant speed about one axis, more than one full turn, on a straight path: it has the same closed form at
    /// every rate.</summary>
    [TestMethod]
    [DataRow(25f, 73)]
    [DataRow(30000f / 1001, 87)]
    [DataRow(5f, 15)]
    [DataRow(3.7f, 11)]
    public void ASteadyTurnIsTheSameAtEveryRate(float rate, int frames)
    {
        const float SpeedOfTurn = 4, Rate = 10;
        Vector3 axis = new Vector3(1, 2, -2) / 3, speed = new(0.5f, -0.25f, 1);
        float[] poses = new float[30 * 72], translations = new float[30 * 3], shape = Numbers(new Random(3), 10);
        for (int i = 0; i < 30; i++)
        {
            (SpeedOfTurn * i / Rate * axis).CopyTo(poses.AsSpan(72 * i + 51, 3));
            (i / Rate * speed).CopyTo(translations.AsSpan(3 * i, 3));
        }
        MotionClip resampled = new MotionClip("x", Rate, poses, translations, shape).Resample(rate);

        Assert.AreEqual(frames, resampled.FrameCount, "as many as lie within the 2.9 seconds");
        Assert.AreEqual(rate, resampled.FramesPerSecond);
        Assert.IsTrue(resampled.Shape.SequenceEqual(shape));
        for (int i = 0; i < frames; i++)
        {
            // Just before a full turn, the axis of a quaternion in single precision is exact to about 1e-5, times an angle of 2 pi.
            Vector3 turn = new(resampled.Pose(i).Slice(51, 3)), way = new(resampled.Translation(i));
            Assert.IsLessThan(5e-4f, (turn - SpeedOfTurn * i / rate * axis).Length(), $"frame {i}");
            Assert.IsLessThan(1e-5f, (way - i / rate * speed).Length(), $"frame {i}");
            Assert.AreEqual(0, resampled.Pose(i)[..51].ToArray().Max(Math.Abs));
        }
    }

    [TestMethod]
    public void InvalidRatesAreRefusedAndTheOwnRateChangesNothing()
    {
        MotionClip walk = MotionClip.Load("walk");
        Assert.AreSame(walk, walk.Resample(walk.FramesPerSecond));
        foreach (float rate in (float[])[0, -1, 1001, float.NaN, float.PositiveInfinity])
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => walk.Resample(rate));
        Assert.AreEqual(1, new MotionClip("still", 25, walk.Pose(0)).Resample(1000).FrameCount, "One frame is one frame.");
    }

    private string Write(Action<NumpyArchiveWriter> write)
    {
        string path = Path.Combine(_folder, "bad.npz");
        using FileStream stream = File.Create(path);
        using var archive = new NumpyArchiveWriter(stream);
        write(archive);
        return path;
    }

    private static float[] Filled(int[] shape, float value)
    {
        float[] values = new float[shape.Aggregate(1, (a, b) => a * b)];
        Array.Fill(values, value);
        return values;
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
}
