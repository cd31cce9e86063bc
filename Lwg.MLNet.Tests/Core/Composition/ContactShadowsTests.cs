using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Tests.Generation;

namespace Lwg.MLNet.Tests.Composition;

/// <summary>Tests that shadows are found on floors that have one, and move with the feet.</summary>
[TestClass]
public sealed class ContactShadowsTests
{
    private const int Size = 256, Plane = Size * Size;

    private static readonly BodyMap s_body = BodyMap.Render([.. SamplePerson.All[0].Smpl], Size);
    private static readonly FootShadow s_shadow = new(0.4f, 0.05f, 0.01f, 0.15f, 0.05f);

    [TestMethod]
    public void TheShadowOfAFloorIsFound()
    {
        FeetPlaces feet = Feet(s_body.Points);
        FootShadow found = new FloorShadow(Size).Estimate(Floor(feet, s_shadow), s_body.Silhouette, feet)!.Value;
        Assert.AreEqual(s_shadow.Darkness, found.Darkness, 0.08f);
        Assert.AreEqual(s_shadow.Right, found.Right, 0.04f);
        Assert.AreEqual(s_shadow.Down, found.Down, 0.03f);
        Assert.AreEqual(s_shadow.Width, found.Width, 0.05f);
        Assert.AreEqual(s_shadow.Depth, found.Depth, 0.02f);
    }

    [TestMethod]
    [DataRow("plain")]
    [DataRow("board", DisplayName = "a dark board on one side")]
    [DataRow("red", DisplayName = "a red reflection")]
    [DataRow("light")]
    [DataRow("night")]
    public void AnotherFloorHasNone(string kind)
    {
        FeetPlaces feet = Feet(s_body.Points);
        float[] plate = Floor(feet, kind is "red" or "light" ? s_shadow : s_shadow with { Darkness = 0 });
        float[] plain = Floor(feet, s_shadow with { Darkness = 0 });
        for (int i = 0; i < plate.Length; i++)
        {
            if (kind == "board" && i % Size > 150 && i / Size % Size > 200)
                plate[i] = -0.9f;
            else if (kind == "red" && i < Plane)
                plate[i] = plain[i];
            else if (kind == "light")
                plate[i] = 2 * plain[i] - plate[i];
            else if (kind == "night")
                plate[i] = 0.05f * (plate[i] + 1) - 1;
        }
        Assert.IsNull(new FloorShadow(Size).Estimate(plate, s_body.Silhouette, feet));
    }

    [TestMethod]
    public void TheShadowMovesWithTheFeet()
    {
        FeetPlaces feet = Feet(s_body.Points);
        (float[] plate, float[] plain) = (Floor(feet, s_shadow), Floor(feet, s_shadow with { Darkness = 0 }));
        float[] moved = Moved(0.25f, 0.03f, foot: null), truth = Floor(Feet(moved), s_shadow);
        (TransferResult result, float[] floor, _) = Apply(plate, moved);
        double after = 0, before = 0, changed = 0;
        for (int k = 0; k < plate.Length; k++)
        {
            (after, before) = (after + Math.Abs(result.Image[k] - truth[k]), before + Math.Abs(plate[k] - truth[k]));
            changed += Math.Abs(result.Image[k] - plain[k]);
            Assert.AreEqual(result.Background[k], result.Image[k], 1e-6f, "the mask is all background");
            if (s_body.FaceIndex[k % Plane] < 0)
                Assert.AreEqual(result.Image[k], floor[k], 1e-5f, "the photograph's floor changes in the same way");
            else
                Assert.AreEqual(plate[k], floor[k], "the photograph's person stays");
        }
        Assert.IsLessThan(0.25 * before, after);
        Assert.IsGreaterThan(0.3 * before, changed, "there is a shadow");
    }

    [TestMethod]
    public void FeetThatStayKeepTheFloorExactly()
    {
        float[] plate = Floor(Feet(s_body.Points), s_shadow);
        (TransferResult result, float[] floor, FootShadow? shadow) = Apply(plate, s_body.Points);
        Assert.IsNotNull(shadow);
        CollectionAssert.AreEqual(plate, result.Background);
        CollectionAssert.AreEqual(plate, floor);
    }

    [TestMethod]
    public void ALiftedFootLosesItsShadow()
    {
        FeetPlaces feet = Feet(s_body.Points);
        (float[] plate, float[] plain) = (Floor(feet, s_shadow), Floor(feet, s_shadow with { Darkness = 0 }));
        int foot = feet.Soles[0].X > feet.Soles[1].X ? 0 : 1;
        (TransferResult result, _, _) = Apply(plate, Moved(0, -0.3f * feet.Metre, foot));
        // Outside of the other foot's shadow the floor is light again.
        int row = (int)((feet.Soles[foot].Y + 1) * Size / 2), column = (int)((feet.Soles[foot].X + 0.22f * feet.Metre + 1) * Size / 2),
            k = row * Size + column;
        Assert.IsLessThan(plain[k] - 0.1f, plate[k]);
        Assert.AreEqual(plain[k], result.Image[k], 0.06f);
    }

    [TestMethod]
    public void AFrameDoesNotDependOnTheOneBefore()
    {
        float[] plate = Floor(Feet(s_body.Points), s_shadow), moved = Moved(0.2f, 0, foot: null);
        var shadows = new ContactShadows(Size, BodyModel.Default);
        shadows.Prepare(plate, s_body.Points, s_body.FaceIndex, []);
        TransferResult first = OnFloor(plate), other = OnFloor(plate), again = OnFloor(plate);
        float[] floor = shadows.Apply(plate, moved, first).ToArray();
        shadows.Apply(plate, Moved(-0.2f, 0.05f, foot: null), other);
        CollectionAssert.AreEqual(floor, shadows.Apply(plate, moved, again).ToArray());
        CollectionAssert.AreEqual(first.Image, again.Image);
    }

    [TestMethod]
    public void ASourceDoesNotDependOnTheOneBefore()
    {
        float[] plate = Floor(Feet(s_body.Points), s_shadow), moved = Moved(0.2f, 0, foot: null), aside = Moved(-0.1f, 0, foot: null);
        (TransferResult alone, float[] floor, _) = Apply(plate, moved);
        float[] other = Floor(Feet(aside), s_shadow);
        var shadows = new ContactShadows(Size, BodyModel.Default);
        shadows.Prepare(other, aside, s_body.FaceIndex, []);
        shadows.Apply(other, moved, OnFloor(other));
        Assert.IsNotNull(shadows.Shadow);
        shadows.Prepare(plate, s_body.Points, s_body.FaceIndex, []);
        TransferResult result = OnFloor(plate);
        CollectionAssert.AreEqual(floor, shadows.Apply(plate, moved, result).ToArray());
        CollectionAssert.AreEqual(alone.Image, result.Image);
    }

    private static (TransferResult Result, float[] Floor, FootShadow? Shadow) Apply(float[] plate, float[] target)
    {
        var shadows = new ContactShadows(Size, BodyModel.Default);
        shadows.Prepare(plate, s_body.Points, s_body.FaceIndex, []);
        TransferResult result = OnFloor(plate);
        float[] floor = shadows.Apply(plate, target, result).ToArray();
        return (result, floor, shadows.Shadow);
    }

    private static TransferResult OnFloor(float[] plate)
    {
        var result = new TransferResult(Size);
        plate.CopyTo(result.Background, 0);
        plate.CopyTo(result.Image, 0);
        Array.Fill(result.Mask, 1);
        return result;
    }

    private static FeetPlaces Feet(float[] points)
    {
        var feet = new FeetPlaces(BodyModel.Default);
        Assert.IsTrue(feet.Measure(points));
        return feet;
    }

    // A floor that becomes darker with distance, with some grain, and the shadows of the feet.
    private static float[] Floor(FeetPlaces feet, FootShadow shadow)
    {
        float[] plate = new float[3 * Plane];
        for (int k = 0; k < plate.Length; k++)
        {
            (float x, float y) = (((k % Size) + 0.5f) * 2 / Size - 1, ((k % Plane / Size) + 0.5f) * 2 / Size - 1);
            float light = 1.1f + 0.3f * y + 0.1f * x + 0.02f * ((k * 7919 % 101) / 50f - 1), dark = 0;
            foreach ((float footX, float footY) in feet.Soles)
            {
                float u = (x - footX - shadow.Right * feet.Metre) / (shadow.Width * feet.Metre),
                    v = (y - footY - shadow.Down * feet.Metre) / (shadow.Depth * feet.Metre);
                dark = MathF.Max(dark, shadow.Darkness * MathF.Exp(-(u * u + v * v) / 2));
            }
            plate[k] = light * (1 - dark) - 1;
        }
        return plate;
    }

    // The body's points moved; with a foot, that foot alone.
    private static float[] Moved(float x, float y, int? foot)
    {
        float[] points = [.. s_body.Points];
        for (int k = 0; k < points.Length; k++)
        {
            var part = (BodyPart)BodyModel.Default.Surface.Part[k / 6];
            if (foot is null || part == (foot == 0 ? BodyPart.LeftFoot : BodyPart.RightFoot))
                points[k] += k % 2 == 0 ? x : y;
        }
        return points;
    }
}
