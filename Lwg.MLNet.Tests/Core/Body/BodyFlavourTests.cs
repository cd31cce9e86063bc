using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Tests.Body;

/// <summary>Reads one body in all flavours of SMPL files: the arrays are equal, value by value.</summary>
[TestClass]
public class BodyFlavourTests
{
    [TestMethod]
    public void HmrsPickleHoldsTheSameBody()
    {
        BodyModel body = BodyModel.Load(Fixture.PathOf("body/neutral_smpl_with_cocoplus_reg.pkl"));
        AreEqual(Fixture.Body.Data, body.Data);
        CollectionAssert.AreEqual(Fixture.Body.Data.KeypointRegressor, body.Data.KeypointRegressor);
        Assert.AreEqual(Fixture.Body.Hash, body.Hash);
    }

    [TestMethod]
    public void TheOfficialPickleHoldsTheSameBody()
    {
        BodyModel body = BodyModel.Load(Fixture.PathOf("body/smpl_official_protocol2.pkl"));
        AreEqual(Fixture.Body.Data, body.Data);
    }

    [TestMethod]
    public void KeypointsThatAFileLacksAreDerivedFromItsMesh()
    {
        // Our own body in the form of the official files: no version, no key point regressor, 300 shape components.
        BodyModelData own = BodyModel.Default.Data;
        int v = own.Template.Length / 3;
        using var memory = new MemoryStream();
        using (var writer = new NumpyArchiveWriter(memory))
        {
            writer.Add("v_template", own.Template, v, 3);
            float[] directions = new float[v * 3 * 300];
            for (int i = 0; i < 3 * v; i++)
                own.ShapeDirections.AsSpan(10 * i, 10).CopyTo(directions.AsSpan(300 * i));
            writer.Add("shapedirs", directions, v, 3, 300);
            writer.Add("posedirs", own.PoseDirections, v, 3, 207);
            writer.Add("J_regressor", own.JointRegressor, 24, v);
            writer.Add("kintree_table", [-1, .. own.Parents[1..], .. Enumerable.Range(0, 24)], 2, 24);
            writer.Add("weights", own.SkinningWeights, v, 24);
            writer.Add("f", own.Faces, own.Faces.Length / 3, 3);
        }
        using var folder = new TemporaryFolder();
        BodyModel derived = BodyModel.Load(folder.Write("smpl.npz", memory.ToArray()));
        Assert.IsTrue(derived.HasKeypoints);
        PosedBody expected = new(BodyModel.Default), actual = new(derived);
        MotionClip walk = MotionClip.Load("walk");
        float[] smpl = MotionCamera.ToSmpl(walk), tall = [.. smpl[..85]];
        (tall[75], tall[76]) = (2, -1.5f);
        foreach (float[] pose in (float[][])[new float[85], smpl[..85], smpl[(85 * 9)..(85 * 10)], tall])
        {
            BodyModel.Default.Pose(pose, expected);
            derived.Pose(pose, actual);
            for (int k = 0; k < Skeleton.KeypointCount; k++)
            {
                double distance = Math.Sqrt(Enumerable.Range(0, 3)
                    .Sum(i => Math.Pow(expected.Keypoints[3 * k + i] - actual.Keypoints[3 * k + i], 2)));
                Assert.IsLessThan(0.02, distance, $"key point {k}: metres");
            }
        }
        // They are not part of the body's hash, and are saved with the body.
        string saved = Path.Combine(folder.Path, "saved.npz");
        derived.Save(saved);
        BodyModel again = BodyModel.Load(saved);
        Assert.AreEqual(derived.Hash, again.Hash);
        CollectionAssert.AreEqual(derived.Data.KeypointRegressor, again.Data.KeypointRegressor);
        // One of our bodies without them stays without them.
        new BodyModel(new BodyModelData { Template = own.Template, ShapeDirections = own.ShapeDirections,
            JointRegressor = own.JointRegressor, Parents = own.Parents, SkinningWeights = own.SkinningWeights, Faces = own.Faces }).Save(
            saved);
        Assert.IsFalse(BodyModel.Load(saved).HasKeypoints);
    }

    private static void AreEqual(BodyModelData expected, BodyModelData actual)
    {
        CollectionAssert.AreEqual(expected.Template, actual.Template, nameof(expected.Template));
        CollectionAssert.AreEqual(expected.ShapeDirections, actual.ShapeDirections, nameof(expected.ShapeDirections));
        CollectionAssert.AreEqual(expected.PoseDirections, actual.PoseDirections, nameof(expected.PoseDirections));
        CollectionAssert.AreEqual(expected.JointRegressor, actual.JointRegressor, nameof(expected.JointRegressor));
        CollectionAssert.AreEqual(expected.Parents, actual.Parents, nameof(expected.Parents));
        CollectionAssert.AreEqual(expected.SkinningWeights, actual.SkinningWeights, nameof(expected.SkinningWeights));
        CollectionAssert.AreEqual(expected.Faces, actual.Faces, nameof(expected.Faces));
    }
}
