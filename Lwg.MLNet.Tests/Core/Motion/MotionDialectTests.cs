using System.IO.Compression;
using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Models;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Tests.Checkpoints;

namespace Lwg.MLNet.Tests.Motion;

/// <summary>Tests the first frames of our own wave in the formats of common estimators and data sets.</summary>
[TestClass]
public class MotionDialectTests
{
    private const int Frames = 12;

    private static MotionClip Wave => MotionClip.Load("wave");

    // Files that were written with other software.
    [TestMethod]
    [DataRow("own_24x3.npz", "Lwg.MLNet (poses", 25f)]
    [DataRow("own_betas16.npz", "Lwg.MLNet (poses", 25f)]
    [DataRow("amass_fps.npz", "SMPL-H", 30f)]
    [DataRow("nopose_split.npz", "SMPL-X in parts", 120f)]
    [DataRow("3dpw.pkl", "3DPW", 30f)]
    [DataRow("vibe.pkl", "VIBE (1 person)", 30f)]
    [DataRow("amass_text.npz", "AMASS (SMPL-H)", 120f)]
    public void FilesOfOtherToolsGiveTheSameMotion(string file, string format, float rate)
    {
        MotionClip clip = MotionClip.Load(Fixture.PathOf("motion/dialects/" + file));
        StringAssert.Contains(clip.Format, format);
        Assert.AreEqual((Frames, rate), (clip.FrameCount, clip.FramesPerSecond));
        MotionClip own = MotionClip.Load(Fixture.PathOf("motion/dialects/own_24x3.npz"));
        for (int f = 0; f < Frames; f++)
        {
            for (int k = 3; k < 66; k++)
                Assert.AreEqual(own.Pose(f)[k], clip.Pose(f)[k], 1e-5f, $"frame {f}, number {k}");
            IsTurn(AxisAngle.ToQuaternion(own.Pose(f)), AxisAngle.ToQuaternion(clip.Pose(f)), $"frame {f}");
        }
    }

    [TestMethod]
    [DataRow("VIBE, joblib")]
    [DataRow("VIBE, joblib, zlib")]
    [DataRow("VIBE, two people")]
    [DataRow("WHAM")]
    [DataRow("AIST++")]
    [DataRow("3DPW")]
    [DataRow("4D-Humans")]
    [DataRow("4D-Humans, a frame is missing")]
    [DataRow("ROMP, frames")]
    [DataRow("ROMP, lists")]
    [DataRow("parts, camera")]
    [DataRow("parts, matrices")]
    public void PicklesOfOtherToolsGiveTheSameMotion(string dialect)
    {
        MotionClip wave = Wave;
        float[] upright = wave.Poses[..(72 * Frames)].ToArray(), camera = Turned(upright, MotionCamera.BodyToCamera),
            way = [.. Enumerable.Range(0, Frames).SelectMany(f => new[] { 0.1f * f, 0, 0 })];
        var betas = new PythonArray([.. Enumerable.Range(0, Frames * 10).Select(i => (float)(i % 10))], Frames, 10);
        var cameraPoses = new PythonArray(camera, Frames, 72);
        object[] frames = [.. Enumerable.Range(0, Frames).Select(f => (object)f)];
        float[] Pose(int f) => camera[(72 * f)..(72 * f + 72)];
        (object, object)[] OfFrame(int f) =>
            [("tid", (object[])[7]), ("time", f),
                ("smpl", (object[])[((object, object)[])[("global_orient", Matrices(Pose(f)[..3])), ("body_pose", Matrices(Pose(f)[3..])),
                ("betas", new PythonArray(new float[10], 10))]]), ("camera", (object[])[new PythonArray([0.1f * f, 0, 20], 3)])];
        (object root, string format, bool joblib) = dialect switch
        {
            "VIBE, joblib" or "VIBE, joblib, zlib" =>
                (Dictionary((1, Dictionary(("pose", cameraPoses), ("betas", betas),
                ("orig_cam", new PythonArray([.. Enumerable.Range(0, Frames).SelectMany(f => new[] { 1, 1, 0.1f * f, 0 })], Frames, 4)),
                ("frame_ids", new PythonArray([.. Enumerable.Range(3, Frames).Select(i => (float)i)], Frames))))), "VIBE (1 person)", true),
            "VIBE, two people" => (Dictionary((3, Dictionary(("pose", new PythonArray(new float[72 * 5], 5, 72)))),
                (4, Dictionary(("pose", cameraPoses), ("betas", betas)))), "VIBE (person '4' of 2", false),
            "WHAM" => (Dictionary((0, Dictionary(("pose", cameraPoses), ("trans", new PythonArray(way, Frames, 3)),
                ("pose_world", new PythonArray(upright, Frames, 72)), ("betas", betas)))), "WHAM (1 person)", false),
            "AIST++" => (Dictionary(("smpl_loss", 1.5), ("smpl_poses", new PythonArray(upright, Frames, 72)),
                ("smpl_scaling", new PythonArray([100], 1)), ("smpl_trans", new PythonArray([.. way.Select(v => 100 * v)], Frames, 3))),
                "AIST++", false),
            "3DPW" => (Dictionary(("poses", (object[])[new PythonArray(upright, Frames, 72), new PythonArray(new float[72], 1, 72)]),
                ("trans", (object[])[new PythonArray(way, Frames, 3)]), ("betas", (object[])[new PythonArray(new float[300], 300)]),
                ("genders", (object[])["m", "f"])), "3DPW (the first of 2 people)", false),
            "4D-Humans" => (Dictionary([.. frames.Select(f => ((object)$"frames/{f:000000}.jpg", (object)OfFrame((int)f)))]),
                "4D-Humans (1 person)", false),
            "4D-Humans, a frame is missing" =>
                (Dictionary([.. frames.Select(f =>
                ((object)$"frames/{f:000000}.jpg",
                (object)((int)f == 5 ? Dictionary(("tid", Array.Empty<object>()), ("time", 5), ("smpl", Array.Empty<object>()),
                ("camera", Array.Empty<object>())) : OfFrame((int)f))))]), "4D-Humans (1 person)", false),
            "ROMP, frames" => (Dictionary(("results",
                Dictionary([.. frames.Select(f =>
                ((object)$"{f}.jpg", (object)Dictionary(("smpl_thetas", new PythonArray(Pose((int)f), 1, 72)),
                ("smpl_betas", new PythonArray(new float[11], 1, 11)), ("cam_trans", new PythonArray([0.1f * (int)f, 0, 3], 1, 3)))))]))),
                "ROMP (1 person)", false),
            "ROMP, lists" => (Dictionary([.. frames.Select(f =>
                ((object)$"{f}.jpg", (object)(object[])[
                Dictionary(("pose", new PythonArray(Pose((int)f), 72)), ("betas", new PythonArray(new float[10], 10)),
                ("trans", new PythonArray([0.1f * (int)f, 0, 3], 3)))]))]), "ROMP (1 person)", false),
            "parts, camera" => (Dictionary(
                ("smpl_params_incam", Dictionary(("global_orient", new PythonArray(Part(camera, 0, 3), Frames, 3)),
                ("body_pose", new PythonArray(Part(camera, 3, 66), Frames, 63)), ("transl", new PythonArray(way, Frames, 3)),
                ("betas", betas)))), "SMPL-X in parts", false),
            _ => (Dictionary(("global_orient", Matrices(Part(camera, 0, 3), Frames, 1)),
                ("body_pose", Matrices(Part(camera, 3, 72), Frames, 23)), ("transl", new PythonArray(way, Frames, 3)), ("fps", 30.0)),
                "SMPL-X in parts", false),
        };
        byte[] bytes = PythonObjects.Pickle(root, joblib);
        using var folder = new TemporaryFolder();
        MotionClip clip = MotionClip.Load(
            folder.Write("motion.pkl", dialect.EndsWith("zlib", StringComparison.Ordinal) ? Zlib(bytes) : bytes));
        StringAssert.Contains(clip.Format, format);
        Assert.AreEqual((Frames, dialect == "AIST++" ? 60f : 30f), (clip.FrameCount, clip.FramesPerSecond));
        bool moves = dialect != "VIBE, two people";
        for (int f = 0; f < Frames; f++)
        {
            // An interpolated frame differs slightly from the missing one.
            float tolerance = dialect.Contains("missing", StringComparison.Ordinal) && f == 5 ? 0.03f : 2e-5f;
            for (int k = 3; k < 66; k++)
                Assert.AreEqual(upright[72 * f + k], clip.Pose(f)[k], tolerance, $"frame {f}, number {k}");
            IsTurn(AxisAngle.ToQuaternion(upright.AsSpan(72 * f, 3)), AxisAngle.ToQuaternion(clip.Pose(f)), $"frame {f}");
            Assert.AreEqual(moves ? 0.1f * f : 0, clip.Translation(f)[0] - clip.Translation(0)[0], 1e-5f, $"frame {f}");
        }
        if (dialect is "VIBE, joblib" or "WHAM")
            CollectionAssert.AreEqual(Enumerable.Range(0, 10).Select(i => (float)i).ToArray(), clip.Shape.ToArray()
                .Select(v => MathF.Round(v, 4)).ToArray());
    }

    [TestMethod]
    public void ObjectsInNumpyArchivesAreRead()
    {
        float[] upright = Wave.Poses[..(72 * Frames)].ToArray(), camera = Turned(upright, MotionCamera.BodyToCamera);
        (object, object)[] frames = [.. Enumerable.Range(0, Frames)
            .Select(f => ((object)$"{f}.jpg",
            (object)Dictionary(("smpl_thetas", new PythonArray(camera[(72 * f)..(72 * f + 72)], 1, 72)))))];
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("results.npy").Open();
            entry.Write(PythonObjects.ObjectArray(frames));
        }
        using var folder = new TemporaryFolder();
        string path = folder.Write("video_results.npz", memory.ToArray());
        MotionClip clip = MotionClip.Load(path);
        Assert.AreEqual(("ROMP (1 person)", Frames), (clip.Format, clip.FrameCount));
        Assert.AreEqual(upright[72 * 5 + 50], clip.Pose(5)[50], 1e-6f);
        Assert.AreEqual("results objects", $"{FileContents.Read(path).Arrays[0].Name} {FileContents.Read(path).Arrays[0].ElementType}");
    }

    [TestMethod]
    public void TheUpAxisIsFoundFromTheData()
    {
        float[] upright = Wave.Poses[..(72 * Frames)].ToArray();
        var zUp = Quaternion.CreateFromAxisAngle(Vector3.UnitX, MathF.PI / 2);
        foreach ((float[] poses, MotionUpAxis axis) in (IEnumerable<(float[], MotionUpAxis)>)[(upright, MotionUpAxis.Y),
            (Turned(upright, zUp), MotionUpAxis.Z), (Turned(upright, MotionCamera.BodyToCamera), MotionUpAxis.NegativeY)])
        {
            using var folder = new TemporaryFolder();
            string path = folder.Write("m.pkl",
                PythonObjects.Pickle(Dictionary(("poses", (object[])[new PythonArray(poses, Frames, 72)]))));
            foreach (MotionUpAxis asked in (MotionUpAxis[])[MotionUpAxis.Auto, axis])
                IsTurn(AxisAngle.ToQuaternion(upright),
                    AxisAngle.ToQuaternion(MotionClip.Load(path, new MotionReadOptions { UpAxis = asked }).Pose(0)), $"{axis}, {asked}");
        }
    }

    [TestMethod]
    public void APersonWhoLooksAwayIsTurnedToTheCamera()
    {
        MotionClip away = MotionClip.Load(Fixture.PathOf("motion/dialects/amass_away.npz")), facing = away.FacingCamera();
        Assert.IsLessThan(-0.9f, Front(away, 0).Z, "he looks away");
        for (int f = 0; f < away.FrameCount; f++)
        {
            Vector3 before = Front(away, f), after = Front(facing, f);
            if (f == 0)
                Assert.AreEqual(0, MathF.Atan2(after.X, after.Z), 1e-3f, "seen from above he looks at the camera");
            Assert.AreEqual(before.Y, after.Y, 1e-4f, "and not up or down");
            Assert.AreEqual(Vector3.Distance(new Vector3(away.Translation(f)), new Vector3(away.Translation(0))),
                Vector3.Distance(new Vector3(facing.Translation(f)), new Vector3(facing.Translation(0))), 1e-4f);
            CollectionAssert.AreEqual(away.Pose(f)[3..].ToArray(), facing.Pose(f)[3..].ToArray());
        }
        Assert.IsGreaterThan(0.99f, Front(Wave.FacingCamera(), 0).Z, "who faces it stays");
    }

    [TestMethod]
    public void AFileThatIsNotAMotionIsNamedByItsType()
    {
        using var folder = new TemporaryFolder();
        foreach ((byte[] bytes, string what) in (IEnumerable<(byte[], string)>)[
            ("version https://git-lfs.github.com/spec/v1"u8.ToArray(), "Git LFS"), ("\n<!DOCTYPE html><html>"u8.ToArray(), "web page"),
            ([], "empty"), ("Kaydara FBX Binary  "u8.ToArray(), "BVH")])
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => MotionClip.Load(folder.Write("m.pkl", bytes))).Message,
                what);
        string none = Assert.ThrowsExactly<ModelFileException>(() =>
            MotionClip.Load(folder.Write("m.pkl", PythonObjects.Pickle(Dictionary(("x", 1)))))).Message;
        StringAssert.Contains(none, "it contains x");
        string few = Assert.ThrowsExactly<ModelFileException>(() =>
            MotionClip.Load(folder.Write("m.pkl",
            PythonObjects.Pickle(Dictionary(("smpl_poses", new PythonArray(new float[30], 2, 15))))))).Message;
        StringAssert.Contains(few, "5 joints a frame");
    }

    private static (object, object)[] Dictionary(params (object, object)[] entries) => entries;

    private static float[] Part(float[] poses, int from, int to) =>
        [.. Enumerable.Range(0, poses.Length / 72).SelectMany(f => poses[(72 * f + from)..(72 * f + to)])];

    private static PythonArray Matrices(float[] vectors, params long[] outer)
    {
        float[] matrices = new float[3 * vectors.Length];
        for (int i = 0; i < vectors.Length / 3; i++)
            Rotations.FromAxisAngle(vectors.AsSpan(3 * i, 3), matrices.AsSpan(9 * i, 9));
        return new PythonArray([.. outer.Length > 0 ? outer : [vectors.Length / 3], 3, 3], matrices);
    }

    private static float[] Turned(float[] poses, Quaternion turn)
    {
        float[] turned = [.. poses];
        for (int f = 0; f < poses.Length; f += 72)
            AxisAngle.FromQuaternion(turn * AxisAngle.ToQuaternion(poses.AsSpan(f, 3)), Vector3.Zero).CopyTo(turned.AsSpan(f));
        return turned;
    }

    private static byte[] Zlib(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var zlib = new ZLibStream(memory, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(bytes);
        return memory.ToArray();
    }

    private static Vector3 Front(MotionClip clip, int frame) => Vector3.Transform(Vector3.UnitZ, AxisAngle.ToQuaternion(clip.Pose(frame)));

    private static void IsTurn(Quaternion expected, Quaternion actual, string what) =>
        Assert.IsGreaterThan(0.99999f, Math.Abs(Quaternion.Dot(expected, actual)), what);
}
