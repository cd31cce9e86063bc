using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

[TestClass]
public class BodyModelFixtureTests
{
    // Two correct float32 implementations differ by less than this (as stated with the fixtures).
    private const double Tolerance = 1e-5;

    [TestMethod]
    public void EightPosesAgreeWithTheSecondImplementation()
    {
        BodyModel body = Fixture.Body;
        var posed = new PosedBody(body);
        float[] theta = Fixture.Singles("smpl/theta.npy"), vertices = Fixture.Singles("smpl/vertices.npy"),
            joints = Fixture.Singles("smpl/joints24.npy");
        float[] keypoints = Fixture.Singles("smpl/keypoints19.npy"), keypoints2D = Fixture.Singles("smpl/keypoints19_2d.npy");
        for (int i = 0; i < 8; i++)
        {
            body.Pose(theta.AsSpan(85 * i, 85), posed);
            Fixture.AreClose(vertices.AsSpan(i * posed.Vertices.Length, posed.Vertices.Length), posed.Vertices, Tolerance,
                $"vertices of person {i}");
            Fixture.AreClose(joints.AsSpan(72 * i, 72), posed.Joints, Tolerance, $"joints of person {i}");
            Fixture.AreClose(keypoints.AsSpan(57 * i, 57), posed.Keypoints, Tolerance, $"key points of person {i}");
            Fixture.AreClose(keypoints2D.AsSpan(38 * i, 38), posed.Keypoints2D, Tolerance, $"2-D key points of person {i}");
        }
    }

    [TestMethod]
    public void PosingAllocatesNothing()
    {
        var posed = new PosedBody(Fixture.Body);
        float[] theta = Fixture.Singles("smpl/theta.npy");
        Fixture.Body.Pose(theta.AsSpan(0, 85), posed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 8; i++)
            Fixture.Body.Pose(theta.AsSpan(85 * i, 85), posed);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
