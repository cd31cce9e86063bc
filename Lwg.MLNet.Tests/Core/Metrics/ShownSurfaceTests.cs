using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Tests.Transforms;

namespace Lwg.MLNet.Tests.Metrics;

/// <summary>Tests the share of a target that a source shows: all of the same view, almost nothing of the back, and values in
/// between.</summary>
[TestClass]
public sealed class ShownSurfaceTests
{
    private const int S = 256;

    [TestMethod]
    public void ASideViewShowsHalfAndTheBackNothing()
    {
        var surface = new ShownSurface(BodyModel.Default);
        int[] front = View(0);
        Assert.AreEqual(1f, surface.Share(front, front));
        float[] shares = [.. new[] { 15, 45, 90, 135, 180 }.Select(angle => surface.Share(front, View(angle)))];
        Console.WriteLine(string.Join(", ", shares.Select(s => $"{s:P1}")));
        // After a turn of a cylinder by a, 1 - sin(a / 2)^2 of the visible width was visible before: 98, 85, 50, 15 and 0 %. The reach
        // adds 25 mm beyond the edge of the visible surface, which in a side view is a large part of an arm (measured: 99, 91, 64, 19 and
        // 3 %).
        double[] cylinder = [0.98, 0.85, 0.5, 0.15, 0];
        for (int i = 0; i < shares.Length; i++)
            Assert.AreEqual(cylinder[i], shares[i], 0.15, $"view {i}");
        Assert.IsTrue(shares.Zip(shares.Skip(1)).All(p => p.First > p.Second), "The farther turned, the less.");
    }

    [TestMethod]
    public void FacesSmallerThanPixelsAreStillSeen()
    {
        // At 128 pixels many visible faces own no pixel: after a shift by half a pixel, other faces do, but the same surface is visible.
        var surface = new ShownSurface(BodyModel.Default);
        int[] first = View(0, 128), second = View(0, 128, shift: 0.01f);
        HashSet<int> owners = [.. first];
        float naive = (float)second.Count(f => f >= 0 && owners.Contains(f)) / second.Count(f => f >= 0),
            share = surface.Share(first, second);
        Assert.IsLessThan(0.8f, naive);
        Assert.IsGreaterThan(0.95f, share);
    }

    [TestMethod]
    public void EmptyMapsAndInvalidFaceIndices()
    {
        var surface = new ShownSurface(BodyModel.Default);
        Assert.AreEqual(0f, surface.Share(View(0, 64), [-1, -1]));
        Assert.AreEqual(0f, surface.Share([-1], View(0, 64)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => surface.Share([-2], [0]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => surface.Share([0], [BodyModel.Default.FaceCount]));
    }

    [TestMethod]
    public void SilhouetteAndMaskMayHaveOtherSizes()
    {
        int[] map = [-1, 3, -1, -1, 5, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1];
        Assert.AreEqual(3.0 / 4, MaskOverlap.OfSilhouette(map, [1, 0, 0, 0]), "Three of the corner's four pixels are the body's.");
        Assert.AreEqual(1.0, MaskOverlap.OfSilhouette(map, [.. map.Select(f => f < 0 ? 0f : 1f)]));
        Assert.AreEqual(0.0, MaskOverlap.OfSilhouette(map, new float[64]));
        Assert.ThrowsExactly<ArgumentException>(() => MaskOverlap.OfSilhouette(map, new float[3]));
    }

    [TestMethod]
    public void KeypointErrorsAreSharesOfTheHeight()
    {
        float[] joints = new float[38], marked = TestBody.Keypoints(TestBody.Smpl(2), 128);
        for (int k = 0; k < 17; k++)
            (joints[2 * Skeleton.CocoToKeypoint[k]], joints[2 * Skeleton.CocoToKeypoint[k] + 1]) =
                (marked[3 * k] / 64 - 1, marked[3 * k + 1] / 64 - 1);
        float height = KeypointSet.Create(marked).PersonHeight();
        marked[3 * 4] += 3;
        marked[3 * 4 + 1] += 4;
        marked[3 * 5 + 2] = 0;
        float[] errors = KeypointError.OfPoints(joints, KeypointSet.Create(marked), 128);
        Assert.AreEqual(5 / height, errors[4], 1e-5f);
        Assert.IsTrue(float.IsNaN(errors[5]));
        Assert.AreEqual(5 / height / 16, KeypointError.Mean(errors), 1e-5f);
    }

    // Renders our own body with arms slightly away from the trunk, turned about its vertical axis.
    private static int[] View(double angle, int size = S, float shift = 0)
    {
        var smpl = new float[SmplLayout.ParameterCount];
        (smpl[0], smpl[1], smpl[2]) = (0.9f, shift, 0.2f);
        float[] upright = new float[9], turned = new float[9], root = new float[9];
        Rotations.FromEuler(Math.PI, 0, 0, upright);
        Rotations.FromEuler(0, double.DegreesToRadians(angle), 0, turned);
        Rotations.Multiply(turned, upright, root);
        Rotations.ToAxisAngle(root, smpl.AsSpan(SmplLayout.PoseOffset, 3));
        (smpl[SmplLayout.PoseOffset + 3 * 16 + 2], smpl[SmplLayout.PoseOffset + 3 * 17 + 2]) = (-0.9f, 0.9f);
        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(smpl, posed);
        var points = new float[posed.Vertices.Length];
        Camera.Project(posed.Vertices, smpl.AsSpan(0, 3), points);
        var faceIndex = new int[size * size];
        new MeshRasterizer(size).Draw(points, BodyModel.Default.Faces, faceIndex, new float[3 * size * size]);
        return faceIndex;
    }
}
