using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;

namespace Lwg.MLNet.Tests.Estimation;

[TestClass]
public class SmplGapsTests
{
    [TestMethod]
    public void KnownFramesStayAndTheOthersAreInterpolated()
    {
        // A joint turns about z from 0 to 1.2 rad while the camera goes from 0 to 3: every step between is a third of that.
        float[] start = Frame(0, 0), end = Frame(3, 1.2f), unknown = new float[SmplLayout.ParameterCount];
        float[][] filled = SmplGaps.Fill([unknown, start, unknown, unknown, end, unknown], [false, true, false, false, true, false]);
        float[] cameras = [0, 0, 1, 2, 3, 3], angles = [0, 0, 0.4f, 0.8f, 1.2f, 1.2f];
        for (int t = 0; t < filled.Length; t++)
        {
            Assert.AreEqual(cameras[t], filled[t][1], 1e-6f, $"frame {t}");
            Assert.AreEqual(angles[t], filled[t][SmplLayout.PoseOffset + 5], 1e-5f, $"frame {t}");
        }
        CollectionAssert.AreEqual(start, filled[1]);
        CollectionAssert.AreEqual(end, filled[4]);
    }

    [TestMethod]
    public void RotationsGoTheShortestWay()
    {
        // From 3 rad to -3 rad the path is 0.28 rad through pi, not 6 rad through 0.
        float[][] filled = SmplGaps.Fill([Frame(1, 3), [], Frame(1, -3)], [true, false, true]);
        Assert.AreEqual(MathF.PI, filled[1][SmplLayout.PoseOffset + 5], 1e-4f);
    }

    [TestMethod]
    public void AtLeastOneFrameMustBeKnown()
    {
        Assert.ThrowsExactly<ArgumentException>(() => SmplGaps.Fill([Frame(1, 0)], [false]));
        Assert.ThrowsExactly<ArgumentException>(() => SmplGaps.Fill([Frame(1, 0)], [true, true]));
        Assert.ThrowsExactly<ArgumentException>(() => SmplGaps.Fill([new float[84]], [true]));
    }

    private static float[] Frame(float camera, float angle)
    {
        float[] smpl = new float[SmplLayout.ParameterCount];
        (smpl[0], smpl[1], smpl[SmplLayout.PoseOffset + 5]) = (1, camera, angle);
        return smpl;
    }
}
