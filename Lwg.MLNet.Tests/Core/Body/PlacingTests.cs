using Lwg.MLNet.Body;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Tests.Body;

/// <summary>Maps the reference's position to the source's picture, and compares it with the positions of the body's points.</summary>
[TestClass]
public sealed class PlacingTests
{
    private const float Tolerance = 0.02f;

    private static readonly float[] s_anna = [.. SamplePerson.All[0].Smpl], s_ben = [.. SamplePerson.All[1].Smpl];

    // Cameras of a cropped square determine the body's position in the picture: the picture is 640 x 480, the square of 200 pixels at
    // (300, 120) is shown with 256.
    private static readonly PictureFrame s_square = PictureFrame.Of(640, 480, 200 / 256f, 300, 120, 256);

    [TestMethod]
    public void InTheSamePictureItStaysWhereItIs()
    {
        float[] target = [.. s_ben];
        new Placing(BodyModel.Default).Place(s_anna, PictureFrame.Whole(640, 480), s_ben, PictureFrame.Whole(640, 480), PersonPlace.Height,
            target);
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(s_ben[i], target[i], 1e-4f);
    }

    [TestMethod]
    [DataRow(PersonPlace.Height, 480.0 / 300)]
    [DataRow(PersonPlace.Width, 640.0 / 500)]
    public void EveryPointMovesWithThePicture(PersonPlace place, double ratio)
    {
        PictureFrame seen = PictureFrame.Whole(500, 300);
        float[] target = [.. s_ben], box = new float[4], was = new float[4];
        var placing = new Placing(BodyModel.Default);
        placing.Place(s_anna, s_square, s_ben, seen, place, target);
        placing.Box(target, s_square, box);
        placing.Box(s_ben, seen, was);
        Assert.AreEqual(ratio * (was[0] - 250) + 320, box[0], Tolerance);
        Assert.AreEqual(ratio * (was[1] - 250) + 320, box[1], Tolerance);
        Assert.AreEqual(ratio * (was[2] - 150) + 240, box[2], Tolerance);
        Assert.AreEqual(ratio * (was[3] - 150) + 240, box[3], Tolerance);
    }

    // The same person, half as large and at another position in the reference's picture, moves there and is half as large.
    [TestMethod]
    public void AReferenceOfHalfTheSizeGivesATargetOfHalfTheSize()
    {
        float[] half = [.. s_ben], first = [.. s_ben], second = [.. s_ben], a = new float[4], b = new float[4];
        (half[0], half[1], half[2]) = (s_ben[0] / 2, s_ben[1] + 0.4f, s_ben[2] + 0.1f);
        var placing = new Placing(BodyModel.Default);
        placing.Place(s_anna, s_square, s_ben, PictureFrame.Whole(400, 400), PersonPlace.Height, first);
        placing.Place(s_anna, s_square, half, PictureFrame.Whole(400, 400), PersonPlace.Height, second);
        placing.Box(first, s_square, a);
        placing.Box(second, s_square, b);
        Assert.AreEqual((a[3] - a[2]) / 2, b[3] - b[2], Tolerance);
        // u = s (x + t): the centre moves by s/2 * 0.4 of half of the picture's side, and the source's picture is 480 / 400 times as
        // high.
        double moved = 480.0 / 400 * 200 * half[0] * 0.4;
        Assert.AreEqual((a[0] + a[1]) / 2 - 320, 2 * ((b[0] + b[1]) / 2 - 320 - moved), 10 * Tolerance);
    }

    // Ben's pose, Anna's shape: the legs differ in length, and the soles are at Ben's position, or at Anna's former one.
    [TestMethod]
    public void TheFeetStandOnTheGround()
    {
        PictureFrame seen = PictureFrame.Whole(500, 300);
        float[] target = [.. s_ben], box = new float[4], other = new float[4];
        s_anna.AsSpan(SmplLayout.ShapeOffset).CopyTo(target.AsSpan(SmplLayout.ShapeOffset));
        var placing = new Placing(BodyModel.Default);
        placing.Place(s_anna, s_square, s_ben, seen, PersonPlace.Height, target);
        placing.Box(target, s_square, box);
        placing.Box(s_ben, seen, other);
        Assert.AreEqual(480.0 / 300 * (other[3] - 150) + 240, box[3], Tolerance);

        placing.Place(s_anna, s_square, s_ben, seen, PersonPlace.Feet, target);
        placing.Box(target, s_square, box);
        placing.Box(s_anna, s_square, other);
        Assert.AreEqual(other[3], box[3], Tolerance);
    }

    [TestMethod]
    public void TheRoomContainsAllFrames()
    {
        float[] left = [.. s_ben], right = [.. s_ben], box = new float[4];
        (left[1], right[1]) = (s_ben[1] - 0.3f, s_ben[1] + 0.5f);
        float[] room = Retargeting.RoomOf(BodyModel.Default, [left, s_ben, right], (1, 1), (300, 300), PersonPlace.Height);
        var placing = new Placing(BodyModel.Default);
        placing.Box(left, PictureFrame.Whole(300, 300), box);
        Assert.AreEqual(box[0], room[0], Tolerance);
        Assert.AreEqual(box[2], room[2], Tolerance);
        placing.Box(right, PictureFrame.Whole(300, 300), box);
        Assert.AreEqual(box[1], room[1], Tolerance);
        CollectionAssert.AreEqual(new float[4], Retargeting.RoomOf(BodyModel.Default, [], (1, 1), (300, 300), PersonPlace.Width));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Retargeting.RoomOf(BodyModel.Default, [s_ben], (0, 1), (300, 300), PersonPlace.Width));
    }
}
