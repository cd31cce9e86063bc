using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Tests.Body;

[TestClass]
public class BodyModelFileTests
{
    private static readonly string[] s_required = ["v_template", "shapedirs", "J_regressor", "kintree_table", "weights", "f"];

    private static BodyModelData Data => s_data.Value;

    // The cylinder with all arrays that a file can contain.
    private static readonly Lazy<BodyModelData> s_data = new(() =>
    {
        BodyModelData c = TestBodies.Cylinder();
        int v = c.Template.Length / 3, f = c.Faces.Length / 3;
        return new BodyModelData
        {
            Template = c.Template,
            ShapeDirections = c.ShapeDirections,
            PoseDirections = [.. Enumerable.Range(0, 3 * v * 207).Select(i => i % 97 * 1e-3f)],
            JointRegressor = c.JointRegressor,
            Parents = c.Parents,
            SkinningWeights = c.SkinningWeights,
            Faces = c.Faces,
            KeypointRegressor = c.KeypointRegressor,
            Uv = [.. Enumerable.Range(0, 2 * v).Select(i => i / (2f * v))],
            UvFaces = c.Faces,
            Part = [.. Enumerable.Range(0, f).Select(i => i % 10)],
            FaceFront = [.. Enumerable.Range(0, f).Select(i => i % 2)],
            Head = [.. Enumerable.Range(0, f).Select(i => i / 2 % 2)],
        };
    });

    [TestMethod]
    public void WhatIsSavedIsLoaded()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "body.npz");
        var body = new BodyModel(Data);
        body.Save(path);
        byte[] first = File.ReadAllBytes(path);
        BodyModel again = BodyModel.Load(path);
        Assert.AreEqual(body.Hash, again.Hash);
        CollectionAssert.AreEqual(Data.Template, again.Data.Template);
        CollectionAssert.AreEqual(Data.PoseDirections, again.Data.PoseDirections);
        CollectionAssert.AreEqual(Data.Head, again.Data.Head);
        Assert.IsTrue(again.HasKeypoints && again.Surface.HasCondition && again.Surface.HasParts && again.Surface.HasFront
            && again.Surface.HasHead);
        again.Save(path);
        CollectionAssert.AreEqual(first, File.ReadAllBytes(path), "the bytes depend on nothing but the arrays");
    }

    [TestMethod]
    public void EveryNumberChangesTheHash()
    {
        float[] moved = [.. Data.Template];
        moved[100] = MathF.BitIncrement(moved[100]);
        using Stream changed = Changed(("v_template", w => w.Add("v_template", moved, moved.Length / 3, 3)));
        Assert.AreNotEqual(new BodyModel(Data).Hash, BodyModel.Load(changed, "file").Hash);
    }

    [TestMethod]
    public void MissingArraysAreNamed()
    {
        foreach (string name in s_required)
            Refused(name, _ => { });
        foreach (string name in (string[])["posedirs", "cocoplus_regressor", "part", "face_front", "head", "version"])
        {
            using Stream without = Changed((name, _ => { }));
            BodyModel.Load(without, "file");
        }
        Refused("uv_faces", _ => { });
    }

    [TestMethod]
    [DataRow("v_template")]
    [DataRow("shapedirs")]
    [DataRow("posedirs")]
    [DataRow("J_regressor")]
    [DataRow("kintree_table")]
    [DataRow("weights")]
    [DataRow("f")]
    [DataRow("cocoplus_regressor")]
    [DataRow("uv")]
    [DataRow("uv_faces")]
    public void ArraysOfTheWrongShapeAreNamed(string name)
    {
        Refused(name, w => w.Add(name, new float[12], 12));
        Refused(name, w => w.Add(name, new float[12], 3, 4));
        Refused(name, w => w.Add(name, new float[24], 2, 3, 4));
    }

    [TestMethod]
    [DataRow("part")]
    [DataRow("face_front")]
    [DataRow("head")]
    [DataRow("uv_faces")]
    public void TablesOfAnotherNumberOfFacesAreNamed(string name)
    {
        int f = Data.Faces.Length / 3;
        foreach (int count in (int[])[f - 1, f + 1])
            Refused(name, w => w.Add(name, new int[name == "uv_faces" ? 3 * count : count], name == "uv_faces" ? [count, 3] : [count]));
    }

    [TestMethod]
    [DataRow("f", -1)]
    [DataRow("f", 88)]
    [DataRow("uv_faces", 88)]
    [DataRow("part", 10)]
    [DataRow("part", -1)]
    [DataRow("face_front", 2)]
    [DataRow("head", -1)]
    public void IndicesOutOfRangeAreNamedWithTheRange(string name, int bad)
    {
        bool triples = name is "f" or "uv_faces";
        int f = Data.Faces.Length / 3;
        int[] values = new int[triples ? 3 * f : f];
        values[^1] = bad;
        string message = Refused(name, w => w.Add(name, values, triples ? [f, 3] : [f]));
        Assert.Contains($"element {values.Length - 1} is {bad}", message);
    }

    [TestMethod]
    public void WeightsMustSumToOne()
    {
        float[] weights = [.. Data.SkinningWeights];
        weights[24 * 30 + 2] += 0.1f;
        Assert.Contains("vertex 30", Refused("weights", w => w.Add("weights", weights, weights.Length / 24, 24)));
        weights[24 * 30 + 2] = float.NaN;
        Refused("weights", w => w.Add("weights", weights, weights.Length / 24, 24));
        Assert.ThrowsExactly<ModelFileException>(() => new BodyModel(TestBodies.WithWeights(weights)));
    }

    [TestMethod]
    public void TheJointTreeMustHaveOneRootAndParentsFirst()
    {
        foreach ((int joint, int parent) in ((int, int)[])[(0, 3), (5, -1), (4, 4), (4, 7), (23, 24)])
        {
            int[] parents = [.. Data.Parents, .. Enumerable.Range(0, 24)];
            parents[joint] = parent;
            Assert.Contains($"joint {joint}", Refused("kintree_table", w => w.Add("kintree_table", parents, 2, 24)));
        }
    }

    [TestMethod]
    public void NonFiniteNumbersAndNewerVersionsAreRefused()
    {
        float[] template = [.. Data.Template];
        template[5] = float.NaN;
        Assert.Contains("element 5", Refused("v_template", w => w.Add("v_template", template, template.Length / 3, 3)));
        Refused("version", w => w.Add("version", [2], 1));
        Refused("version", w => w.Add("version", [0], 1));
        Refused("v_template", w => w.Add("v_template", Array.Empty<float>(), 0, 3));
        Refused("f", w => w.Add("f", Array.Empty<int>(), 0, 3));
        int v = Data.Template.Length / 3;
        Refused("shapedirs", w => w.Add("shapedirs", new float[v * 3 * 9], v, 3, 9));
    }

    [TestMethod]
    public void OfMoreShapeNumbersTheFirstTenAreTaken()
    {
        int v = Data.Template.Length / 3;
        var twelve = new float[v * 3 * 12];
        for (int i = 0; i < v * 3; i++)
        {
            for (int k = 0; k < 12; k++)
                twelve[12 * i + k] = k < 10 ? Data.ShapeDirections[10 * i + k] : 99;
        }
        using Stream file = Changed(("shapedirs", w => w.Add("shapedirs", twelve, v, 3, 12)));
        CollectionAssert.AreEqual(Data.ShapeDirections, BodyModel.Load(file, "file").Data.ShapeDirections);
    }

    [TestMethod]
    public void AMissingSurfaceIsNamed()
    {
        BodySurface bare = new BodyModel(TestBodies.Cylinder()).Surface;
        Assert.Contains("uv", Assert.ThrowsExactly<BodyMismatchException>(() => bare.Condition.Length).Message);
        Assert.ThrowsExactly<BodyMismatchException>(() => bare.Part.Length);
        Assert.ThrowsExactly<BodyMismatchException>(() => bare.Front.Length);
        Assert.ThrowsExactly<BodyMismatchException>(() => bare.Head.Length);
        BodySurface whole = new BodyModel(Data).Surface;
        Assert.AreEqual(5, whole.PartIndex("Right Arm"));
        Assert.Contains("left foot, right foot", Assert.ThrowsExactly<BodyMismatchException>(() => whole.PartIndex("tail")).Message);
    }

    // Loads a file in which one array is changed or missing, and returns the error message.
    private static string Refused(string name, Action<NumpyArchiveWriter> write)
    {
        using Stream file = Changed((name, write));
        ModelFileException e = Assert.ThrowsExactly<ModelFileException>(() => BodyModel.Load(file, "file"), name);
        Assert.AreEqual(("file", name), (e.File, e.Entry), e.Message);
        return e.Message;
    }

    private static MemoryStream Changed((string Name, Action<NumpyArchiveWriter> Write) other)
    {
        using var whole = new MemoryStream();
        BodyModelFile.Write(whole, Data);
        using var archive = new NumpyArchive(whole, "whole");
        var stream = new MemoryStream();
        using (var writer = new NumpyArchiveWriter(stream))
        {
            foreach (string name in archive.Names.Where(n => n != other.Name))
            {
                NumpyArray array = archive.Read(name);
                if (array.ElementType == "i4")
                    writer.Add(name, array.ToInt32s(), array.Shape);
                else
                    writer.Add(name, array.ToSingles(), array.Shape);
            }
            other.Write(writer);
        }
        stream.Position = 0;
        return stream;
    }
}
