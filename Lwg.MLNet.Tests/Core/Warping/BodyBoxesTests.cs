using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

[TestClass]
public class BodyBoxesTests
{
    [TestMethod]
    public void TheHeadIsTheBoxOfItsKeyPointsWiderAtBothSidesAndAbove()
    {
        // In [0,1] units the head's points span 0.4..0.6 and 0.2..0.3; the legs must not count.
        float[] keypoints = Keypoints((0.1f, 0.9f), (0.4f, 0.2f), (0.6f, 0.3f));
        var box = new float[4];
        BodyBoxes.Head(keypoints, 1000, box);
        Fixture.AreClose([350, 650, 150, 300], box, 1, "head, to the pixel that truncation may lose");
        BodyBoxes.Head(keypoints, 64, box);
        CollectionAssert.AreEqual((float[])[22, 41, 9, 19], box, "64 px: 22.4, 41.6, 9.6, 19.2 truncated");
    }

    [TestMethod]
    public void TheFaceIsTheBoxOfWhatIsSeenOfIt()
    {
        const int Size = 16;
        float[] front = new float[Size * Size], box = [9, 9, 9, 9];
        for (int i = 0; i < 23; i++)
            front[(3 + i / 6) * Size + 5 + i % 6] = 1;
        Assert.IsFalse(BodyBoxes.Face(front, Size, box), "23 pixels are too few.");
        CollectionAssert.AreEqual(new float[4], box);
        front[12 * Size + 2] = 1;
        Assert.IsTrue(BodyBoxes.Face(front, Size, box));
        CollectionAssert.AreEqual((float[])[2, 10, 3, 12], box);
        Assert.ThrowsExactly<ArgumentException>(() => BodyBoxes.Face(front, Size + 1, box));
    }

    [TestMethod]
    public void TheBodyIsTheBoxOfAllKeyPointsEnlarged()
    {
        // All span 0.3..0.6 and 0.2..0.8: centre (0.45, 0.5), sides 0.36 and 0.72.
        float[] keypoints = Keypoints((0.3f, 0.8f), (0.4f, 0.2f), (0.6f, 0.3f));
        var box = new float[4];
        BodyBoxes.Body(keypoints, 64, box);
        CollectionAssert.AreEqual((float[])[17, 40, 8, 55], box, "64 px: 17.28, 40.32, 8.96, 55.04 truncated");
    }

    [TestMethod]
    public void BoxesAreCutToThePicture()
    {
        var box = new float[4];
        BodyBoxes.Head(Keypoints((0.1f, 0.9f), (-0.4f, -0.2f), (1.6f, 1.3f)), 64, box);
        CollectionAssert.AreEqual((float[])[0, 64, 0, 64], box);
        BodyBoxes.Body(Keypoints((2, 2), (2, 2), (3, 2)), 64, box);
        CollectionAssert.AreEqual((float[])[64, 64, 64, 64], box, "a person beside the picture");
    }

    [TestMethod]
    public void WrongSizesAreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => BodyBoxes.Head(new float[34], 64, new float[4]));
        Assert.ThrowsExactly<ArgumentException>(() => BodyBoxes.Body(new float[38], 64, new float[3]));
    }

    // Twelve key points of the body at one place, seven of the head between two corners; given in [0,1], returned in [-1,1].
    private static float[] Keypoints((float X, float Y) body, (float X, float Y) first, (float X, float Y) last)
    {
        var keypoints = new float[38];
        for (int k = 0; k < 19; k++)
        {
            (float x, float y) = k < 12 ? body : k == 12 ? first : k == 18 ? last : ((first.X + last.X) / 2, (first.Y + last.Y) / 2);
            (keypoints[2 * k], keypoints[2 * k + 1]) = (2 * x - 1, 2 * y - 1);
        }
        return keypoints;
    }
}
