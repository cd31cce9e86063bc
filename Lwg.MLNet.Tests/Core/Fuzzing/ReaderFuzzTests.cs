using System.IO.Compression;
using System.Reflection;
using System.Text;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Synthesis.Verification;
using Lwg.MLNet.Tests.Body;
using Lwg.MLNet.Tests.Checkpoints;
using Lwg.MLNet.Tests.Imaging;
using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Tests.Verification;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Transforms.Persistence;
using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Lwg.MLNet.Tests.Fuzzing;

/// <summary>Fuzzes every file reader of the library with damaged files: see <see cref="FuzzRun"/> for the checks, and docs/limits.md for
/// longer runs.</summary>
[TestClass]
public class ReaderFuzzTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void DamagedFilesAreReadOrRefusedButNothingElseHappens()
    {
        using var folder = new TemporaryFolder();
        new FuzzRun(TestContext, [.. Checkpoints(), .. Motions(), .. Arrays(), .. Bodies(), .. Surfaces(folder), .. Models(),
            .. SavedModels(), .. Pictures(), .. Others(folder)]).Run(folder);
    }

    private static IEnumerable<FuzzTarget> Checkpoints()
    {
        foreach (string name in (string[])["reader_legacy", "reader_zip", "nested_legacy", "nested_zip"])
            yield return new($"{name}.pth", 20, FixtureBytes($"checkpoints_{name}.pth"), ReadCheckpoint);
        yield return new("compressed.pth", 15, Zipped(FixtureBytes("checkpoints_reader_zip.pth"), CompressionLevel.SmallestSize),
            ReadCheckpoint);
        byte[] header = Encoding.ASCII.GetBytes(
            """{"a.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"F16","shape":[3],"data_offsets":[16,22]}}""");
        yield return new("net.safetensors", 15, [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[22]],
            ReadCheckpoint);
        foreach (string name in (string[])["namespace.pth", "defaultdict.pth"])
            yield return new(name, 6, FixtureBytes("checkpoints_extras/" + name), ReadCheckpoint);
        foreach (string name in (string[])["motion/dialects/vibe.pkl", "motion/dialects/amass_text.npz", "checkpoints_nested_legacy.pth",
            "checkpoints_nested_zip.pth", "motion/amass_like.npz", "motion/pose_shape_py2_protocol0.pkl", "motion/theta.npy"])
            yield return new("contents_" + Path.GetFileName(name), 8, FixtureBytes(name), p => FileContents.Read(p).Arrays.Count);
    }

    private static IEnumerable<FuzzTarget> Motions()
    {
        foreach (string name in (string[])["pose_shape.pkl", "pose_shape_protocol4.pkl", "pose_shape_py2.pkl",
            "pose_shape_py2_protocol0.pkl", "amass_like.npz"])
            yield return new(name, 15, FixtureBytes($"motion/{name}"), ReadMotion);
        yield return new("amass_stored.npz", 15, Zipped(FixtureBytes("motion/amass_like.npz")), ReadMotion);
        foreach (string name in (string[])["vibe.pkl", "3dpw.pkl", "nopose_split.npz", "amass_text.npz"])
            yield return new(name, 6, FixtureBytes($"motion/dialects/{name}"), ReadMotion);
        var pose = new PythonArray(new float[72], 1, 72);
        yield return new("joblib.pkl", 10,
            PythonObjects.Pickle(((object, object)[])[
            (1, ((object, object)[])[("pose", new PythonArray(new float[144], 2, 72)), ("betas", new PythonArray(new float[10], 10))])],
            joblib: true), ReadMotion);
        yield return new("frames.pkl", 10,
            PythonObjects.Pickle(((object, object)[])[
            ("results", ((object, object)[])[("a.jpg", ((object, object)[])[("smpl_thetas", pose)]),
            ("b.jpg", ((object, object)[])[("smpl_thetas", pose)])])]), ReadMotion);
        yield return new("motion.bvh", 15, Encoding.ASCII.GetBytes(Bvh()), ReadMotion);
        byte[] names = Encoding.ASCII.GetBytes("""{"pelvis":"Hips","left_hip":"LeftUpLeg","left_knee":"LeftLeg"}""");
        string skeleton = Path.Combine(Path.GetTempPath(), $"lwg-{Guid.NewGuid():N}.bvh");
        yield return new("joint_names.json", 4, names, p =>
        {
            File.WriteAllText(skeleton, Bvh());
            try
            {
                return Math.Min(1, MotionClip.Load(skeleton, new MotionReadOptions { JointNames = p }).FrameCount);
            }
            finally
            {
                File.Delete(skeleton);
            }
        })
        { Called = "" };
        byte[] own = Made(s => MotionFile.Write(new MotionClip("m", 25, new float[144], new float[6], new float[10]), s));
        yield return new("own_motion.npz", 15, Zipped(own), ReadMotion);
        // Another rate, as requested by the console and the tables; a limit of frames bounds its cost.
        yield return new("resampled.npz", 10, Zipped(own), p => Math.Min(1, MotionClip.Load(p).Resample(60).FrameCount))
        {
            Refusals = [typeof(ModelFileException), typeof(LwgException)], Called = "resampled", FixedBytes = 1L << 30,
        };
    }

    private static string Bvh()
    {
        string[] names = ["Hips", "LeftUpLeg", "RightUpLeg", "Spine", "LeftLeg", "RightLeg", "LeftArm", "RightArm", "LeftForeArm",
            "RightForeArm"];
        int[] parents = [-1, 0, 0, 0, 1, 2, 3, 3, 6, 7];
        var text = new StringBuilder("HIERARCHY\n");
        Joint(0);
        return text.Append("MOTION\nFrames: 2\nFrame Time: 0.04\n")
            .Append(string.Concat(Enumerable.Repeat(string.Join(' ', Enumerable.Range(0, 33)) + "\n", 2))).ToString();

        void Joint(int j)
        {
            text.Append($"{(j == 0 ? "ROOT" : "JOINT")} {names[j]}\n{{\nOFFSET "
                + $"{(names[j][0] == 'L' ? 1 : names[j][0] == 'R' ? -1 : 0)} {(j == 3 ? 5 : -2)} 0\nCHANNELS "
                + $"{(j == 0 ? "6 Xposition Yposition Zposition" : "3")} Zrotation Xrotation Yrotation\n");
            for (int child = 1; child < names.Length; child++)
            {
                if (parents[child] == j)
                    Joint(child);
            }
            text.Append("}\n");
        }
    }

    private static IEnumerable<FuzzTarget> Arrays()
    {
        yield return new("array.npy", 10, FixtureBytes("motion/theta.npy"), p => NumpyArray.Load(p).ToSingles().Length);
        yield return new("indices.npy", 10, FixtureBytes("maps/map_seg.npy"), p => NumpyArray.Load(p).ToInt32s().Length);
        byte[] dump = Zipped(Saved(p => Dump().Save(p)));
        yield return new("dump.npz", 4, dump, p => new TensorDump(p).RowCount);
    }

    private static IEnumerable<FuzzTarget> Bodies()
    {
        byte[] body = Made(new BodyModel(TestBodies.Cylinder()).Save);
        yield return new("body.npz", 10, body, ReadBody);
        yield return new("body_stored.npz", 15, Zipped(body), ReadBody);
        // Two megabytes each, so they have a low weight.
        yield return new("hmr_body.pkl", 2, FixtureBytes("body/neutral_smpl_with_cocoplus_reg.pkl"), ReadBody);
        yield return new("official_body.pkl", 2, FixtureBytes("body/smpl_official_protocol2.pkl"), ReadBody);
    }

    private static IEnumerable<FuzzTarget> Surfaces(TemporaryFolder folder)
    {
        string mapper = folder.Write("right_mapper", FixtureBytes("maps/mapper.txt"));
        yield return new("mapper.txt", 6, FixtureBytes("maps/mapper.txt"), p => BodySurface.FromFiles(p, null, null, null).FaceCount);
        yield return new("part_info.json", 6, FixtureBytes("maps/smpl_part_info.json"), p =>
            Math.Min(1, BodySurface.FromFiles(mapper, p, null, null).FaceCount));
        yield return new("front_facial.json", 6, FixtureBytes("maps/front_facial.json"), p =>
            Math.Min(1, BodySurface.FromFiles(mapper, null, p, null).FaceCount));
    }

    private static IEnumerable<FuzzTarget> Models()
    {
        var manifest = new ModelManifest
        {
            Kind = ModelKind.Generator, ImageSize = 256, Licence = "none", Generator = new GeneratorShape { Width = 2, Blocks = 1 },
            BodyHash = new string('a', 64),
            Origin = [new ModelOrigin("net.pth", new string('b', 64))], Notes = "a note",
        };
        ModelPackage package = ModelPackage.Create(manifest, new Dictionary<string,
            byte[]> { ["generator.onnx"] = new byte[500], ["notes.txt"] = [.. "notes"u8] });
        yield return new("package.zip", 15, Made(package.Save), ReadPackage);
        yield return new("package_compressed.zip", 10, Zipped(Made(package.Save), CompressionLevel.SmallestSize), ReadPackage);
        yield return new("manifest.json", 15, package.Manifest.ToJson(), p => ModelManifest.Parse(File.ReadAllBytes(p), p).Files.Count);
        NetworkGraph graph = GeneratorNetwork.BuildTransfer(new GeneratorShape { Width = 2, Blocks = 1 });
        foreach (WeightStorage storage in (WeightStorage[])[WeightStorage.Full, WeightStorage.Half])
            yield return new($"weights_{storage}.onnx", 6, OnnxRun.File(graph, FormulaWeights.For(graph), storage), ReadWeights);
    }

    private static IEnumerable<FuzzTarget> SavedModels()
    {
        // Damaged entries of a file from ML.NET in an undamaged zip: reading a damaged zip is ML.NET's responsibility.
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable([new Row()]);
        BodyModel body = new(TestBodies.Cylinder());
        byte[] model = Made(s => context.Model.Save(context.Transforms.PoseBody(body: body).Fit(data), data.Schema, s));
        foreach ((string start, int weight) in (IEnumerable<(string, int)>)[("Stage.json", 8), ("Body-", 4)])
        {
            byte[] entry = [];
            Edit(model, start, bytes => entry = bytes);
            yield return new("entry_" + start, weight, entry, p =>
                LoadModel(Edit(model, start, _ => File.ReadAllBytes(p)))) { Called = "saved model" };
        }
        yield return new("learned_people.bin", 6, OldPeople("anna", Made(ASubject().Save)), p =>
            SubjectFile.Read(File.ReadAllBytes(p)).Count) { Called = "saved model" };
    }

    // The format of models before each person had a separate entry.
    private static byte[] OldPeople(string name, byte[] npz)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(1);
            writer.Write(name);
            writer.Write(npz.Length);
            writer.Write(npz);
        }
        return stream.ToArray();
    }

    private static IEnumerable<FuzzTarget> Pictures()
    {
        PixelBuffer picture = TestPictures.Noise(48, 40, 1);
        (string, byte[])[] files =
        [
            ("picture.png", TestPictures.Encode(picture, SKEncodedImageFormat.Png)),
            ("picture.jpg", TestPictures.WithOrientation(TestPictures.Encode(picture, SKEncodedImageFormat.Jpeg), 6)),
            ("picture.webp", TestPictures.Encode(picture, SKEncodedImageFormat.Webp, 80)), ("picture.bmp", TestPictures.Bmp(picture)),
            ("picture.gif", TestPictures.Gif((255, 0, 0), (0, 255, 0))), ("picture.tif", TestPictures.Tiff(picture, orientation: 6)),
            ("exif.png", TestPictures.WithChunk(TestPictures.Encode(picture, SKEncodedImageFormat.Png), "eXIf",
            TestPictures.Exif(6, 4, false))),
            ("exif.webp", TestPictures.WebPWithExif(TestPictures.Encode(picture, SKEncodedImageFormat.Webp, 80), 48, 40,
            TestPictures.Exif(6, 3, true))),
            ("endless.jpg", TestPictures.Encode(picture, SKEncodedImageFormat.Jpeg)[..^2]),
            ("profile.jpg", TestPictures.WithSegment(TestPictures.Encode(picture, SKEncodedImageFormat.Jpeg), 0xE2,
            [.. "ICC_PROFILE\0"u8, 1, 1, .. TestPictures.LinearProfile()])),
        ];
        PixelBuffer still = TestPictures.Noise(48, 40, 2, 4);
        byte[] webp = TestPictures.Encode(picture, SKEncodedImageFormat.Webp, 80);
        (string, byte[])[] films =
        [
            ("film.png", TestPictures.Apng(48, 40, (still, 0, 0, 4, 0, 0), (TestPictures.Noise(9, 8, 3, 4), 5, 6, 4, 2, 1),
            (TestPictures.Noise(7, 9, 4, 4), 30, 20, 4, 1, 1))),
            ("film.gif", TestPictures.Gif((255, 0, 0), (0, 255, 0), (0, 0, 255))),
            ("film.webp", TestPictures.AnimatedWebP(48, 40, (webp, 40), (webp, 0))),
        ];
        foreach ((string name, byte[] bytes) in films)
            yield return new(name, 6, bytes, p =>
                Math.Min(1, AnimatedPicture.Open(p).Frames().Count())) { Refusals = [typeof(ImageInputException)], FixedBytes = 2L << 30 };
        // 64 megapixels are allowed, which take four bytes each during decoding and three afterwards, twice for rotated ones.
        foreach ((string name, byte[] bytes) in files)
        {
            yield return new(name, 6, bytes, p =>
                Math.Min(1, ImageCodec.Load(p).Width)) { Refusals = [typeof(ImageInputException)], FixedBytes = 1L << 30 };
            yield return new("is_" + name, 2, bytes, p => ImageCodec.IsPicture(p) ? 1 : 0) { FixedBytes = 1 << 16, ReadsAnything = true };
        }
    }

    private static IEnumerable<FuzzTarget> Others(TemporaryFolder folder)
    {
        byte[] keypoints = Saved(p => CocoKeypoints.Save(p,
            [new MarkedPerson("a.png", 640, 480, Keypoints(0)), new MarkedPerson("b.png", 0, 0, Keypoints(3))]));
        yield return new("keypoints.json", 15, keypoints, p =>
            CocoKeypoints.Load(p).People.Count) { Refusals = [typeof(KeypointInputException)] };
        byte[] bare = [.. "["u8, .. Encoding.ASCII.GetBytes(string.Join(',', Enumerable.Range(0, 51).Select(i => i % 3 == 2 ? 2 : 10 * i))),
            .. "]"u8];
        yield return new("bare_keypoints.json", 6, bare, p =>
            CocoKeypoints.Load(p).People.Count) { Refusals = [typeof(KeypointInputException)] };
        // Output formats of detectors: lists, rows, names, relative coordinates.
        string rows = string.Join(',', Enumerable.Range(0, 17).Select(i => $"[{10 * i},{20 * i},0.9]")),
            points = string.Join(',', Enumerable.Range(0, 33).Select(i => $"{{\"x\":0.{i},\"y\":0.5,\"visibility\":1}}"));
        string detected = $$"""[{"image_id":"a.png","category_id":1,"keypoints":[{{rows}}],"score":2},{"people":[{"pose_keypoints_2d":[{{rows.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal)}}]}],"canvas_width":640,"canvas_height":480},{"predictions":[[{"keypoints":[{{rows}}],"keypoint_scores":[1,1]}]]},[{{points}}]]""";
        foreach ((string name, byte[] bytes) in (IEnumerable<(string, byte[])>)[("detected.json", Encoding.UTF8.GetBytes(detected)),
            ("detected_utf16.json", Encoding.Unicode.GetBytes(detected))])
            yield return new(name, 8, bytes, p =>
                CocoKeypoints.Load(p).People.Count(person =>
                CocoKeypoints.Load(p).For(person.FileName.Length > 0 ? person.FileName : "b.png", 640, 480).VisibleCount > 0)) { Refusals =
                [typeof(KeypointInputException)] };
        byte[] journal = Saved(p =>
        {
            using var written = new Journal(p, new Dictionary<string, string> { ["--size"] = "256" });
            for (int i = 0; i < 20; i++)
                written.Add(i, new string('a', 64));
        });
        yield return new("journal", 6, journal, ReadJournal) { ReadsAnything = true, Refusals = [typeof(LwgException)],
            Called = folder.Path };
    }

    private static long ReadCheckpoint(string path)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        foreach (string name in checkpoint.Names)
            checkpoint.Read(name);
        return checkpoint.Tensors.Count;
    }

    private static long ReadMotion(string path) => MotionClip.Load(path).FrameCount;

    private static long ReadBody(string path) => BodyModel.Load(path).VertexCount;

    private static long ReadPackage(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return ModelPackage.Load(stream, path).Manifest.Files.Count;
    }

    private static long ReadWeights(string path)
    {
        OnnxWeights weights = OnnxWeights.Read(File.ReadAllBytes(path), path);
        foreach (string name in weights.Names)
        {
            weights.TryGetShape(name, out int[] shape);
            double count = shape.Aggregate(1.0, (product, side) => product * side);
            if (count is >= 0 and < 1 << 20)
                weights.Read(name, new float[(int)count]);
        }
        return weights.Names.Count;
    }

    private static long ReadJournal(string path)
    {
        using var journal = new Journal(path, new Dictionary<string, string> { ["--size"] = "256" });
        return journal.Count;
    }

    private static long LoadModel(byte[] model)
    {
        try
        {
            using var stream = new MemoryStream(model);
            new MLContext(seed: 1).Model.Load(stream, out _);
            return 1;
        }
        catch (TargetInvocationException e)
        {
            // ML.NET calls the loader by reflection.
            Exception inner = e;
            while (inner is TargetInvocationException { InnerException: { } next })
                inner = next;
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    private static DumpFile Dump() => DumpFile.OfEstimator();

    private static Subject ASubject()
    {
        const int Size = 32;
        using var npz = new MemoryStream();
        using (var writer = new NumpyArchiveWriter(npz))
        {
            writer.Add("smpl", new float[SmplLayout.ParameterCount], 1, SmplLayout.ParameterCount);
            writer.Add("images", new int[3 * Size * Size], 1, 3, Size, Size);
            writer.Add("background", new int[3 * Size * Size], 3, Size, Size);
        }
        npz.Position = 0;
        return Subject.Load(npz, "subject");
    }

    private static KeypointSet Keypoints(int shift)
    {
        float[] values = new float[KeypointSet.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = i % 3 == 2 ? 1 : 40 + shift + 5 * i;
        return KeypointSet.Create(values);
    }

    private static byte[] FixtureBytes(string name) => File.ReadAllBytes(Fixture.PathOf(name));

    private static byte[] Made(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private static byte[] Saved(Action<string> save)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "file.npz");
        save(path);
        return File.ReadAllBytes(path);
    }

    // Rewrites the zip without compression (so that damage affects an array, not a deflate stream) or with it.
    private static byte[] Zipped(byte[] bytes, CompressionLevel level = CompressionLevel.NoCompression) => Made(stream =>
    {
        using var from = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
        using var to = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (ZipArchiveEntry entry in from.Entries)
        {
            using Stream source = entry.Open(), target = to.CreateEntry(entry.FullName, level).Open();
            source.CopyTo(target);
        }
    });

    /// <summary>Changes the content of the entries whose names begin with a text.</summary>
    private static byte[] Edit(byte[] archive, string start, Func<byte[], byte[]> change) => Made(stream =>
    {
        using var from = new ZipArchive(new MemoryStream(archive), ZipArchiveMode.Read);
        using var to = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (ZipArchiveEntry entry in from.Entries)
        {
            using Stream source = entry.Open(), target = to.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
            byte[] bytes = Made(source.CopyTo);
            target.Write(entry.Name.StartsWith(start, StringComparison.Ordinal) ? change(bytes) : bytes);
        }
    });

    private sealed class Row
    {
        [VectorType(SmplLayout.ParameterCount)]
        public float[] Smpl { get; set; } = new float[SmplLayout.ParameterCount];
    }
}
