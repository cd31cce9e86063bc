using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Tests.People;

[TestClass]
public class PersonPainterTests
{
    private static readonly float[] s_smpl = [.. SamplePerson.All[0].Smpl];

    private static readonly PersonLook s_plain =
        new() { Seed = 3, TopColor = new(200, 30, 30), Trousers = new(30, 30, 200), Wall = new(120, 200, 120), Floor = new(200, 200, 60) };

    [TestMethod]
    public void TheSameAppearanceGivesTheSamePicture()
    {
        byte[] first = new PersonPainter(BodyModel.Default).Paint(s_smpl, s_plain, 48).Data.ToArray();
        Assert.IsTrue(new PersonPainter(BodyModel.Default).Paint(s_smpl, s_plain with { }, 48).Data.SequenceEqual(first));
        Assert.IsFalse(new PersonPainter(BodyModel.Default).Paint(s_smpl, s_plain with { TopColor = new(30, 200, 30) },
            48).Data.SequenceEqual(first));
    }

    // Wall, floor, shirt and trousers have distinct colours; light changes their brightness, not their dominant channel.
    [TestMethod]
    public void ColoursAreWhereTheBodyIs()
    {
        const int size = 96;
        PixelBuffer picture = new PersonPainter(BodyModel.Default).Paint(s_smpl, s_plain, size);
        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(s_smpl, posed);
        float[] points = new float[posed.Vertices.Length];
        Camera.Project(posed.Vertices, s_smpl.AsSpan(0, 3), points);
        int[] faceIndex = new int[size * size];
        new MeshRasterizer(size).Draw(points, BodyModel.Default.Faces, faceIndex, new float[3 * size * size]);

        ReadOnlySpan<int> part = BodyModel.Default.Surface.Part;
        int body = 0, uncovered = 0, torso = 0, red = 0, legs = 0, blue = 0;
        for (int i = 0; i < faceIndex.Length; i++)
        {
            (int r, int g, int b) = (picture.Data[3 * i], picture.Data[3 * i + 1], picture.Data[3 * i + 2]);
            bool wallOrFloor = g > r + 12 && g > b + 12 || r > b + 45 && g > b + 45 && Math.Abs(r - g) < 30;
            if (faceIndex[i] < 0)
                continue;
            body++;
            uncovered += wallOrFloor ? 1 : 0;
            if ((BodyPart)part[faceIndex[i]] == BodyPart.Torso)
                (torso, red) = (torso + 1, red + (r > g + 40 && r > b + 40 ? 1 : 0));
            if ((BodyPart)part[faceIndex[i]] is BodyPart.LeftLeg or BodyPart.RightLeg)
                (legs, blue) = (legs + 1, blue + (b > r + 40 && b > g + 40 ? 1 : 0));
        }
        // Clothes stand off the body, so wall and floor are visible only in the half pixels of the outline.
        Assert.IsLessThan(0.03, (double)uncovered / body, "wall or floor where the body is");
        Assert.IsGreaterThan(0.80, (double)red / torso, "the red shirt on the torso");
        Assert.IsGreaterThan(0.80, (double)blue / legs, "the blue trousers on the legs");
        Assert.IsGreaterThan(picture.Data[0], picture.Data[1], "the green wall in the corner");
    }

    // The room's walls and floor change, the person does not: pixels with silhouette 1 are unchanged.
    [TestMethod]
    public void TheSilhouetteIsThePersonOfThePicture()
    {
        const int size = 96;
        var painter = new PersonPainter(BodyModel.Default);
        float[] silhouette = painter.Silhouette(s_smpl, s_plain, size);
        byte[] bright = painter.Paint(s_smpl, s_plain, size).Data.ToArray(),
            dark = painter.Paint(s_smpl, s_plain with { Wall = new(0, 0, 0), Floor = new(0, 0, 0) }, size).Data.ToArray();
        int unchanged = 0;
        for (int i = 0; i < silhouette.Length; i++)
        {
            bool same = bright.AsSpan(3 * i, 3).SequenceEqual(dark.AsSpan(3 * i, 3));
            if (silhouette[i] > 0.999f)
                Assert.IsTrue(same, $"the person at pixel {i}");
            else
                unchanged += same ? 1 : 0;
        }
        // Only the skirting board keeps its colour: a few rows.
        Assert.IsLessThan(6 * size, unchanged, "unchanged pixels of the room");
        Assert.IsGreaterThan(400, silhouette.Count(s => s > 0.999f), "pixels of the person");
    }

    [TestMethod]
    public void EveryKindOfHairAndClothesIsPainted()
    {
        var painter = new PersonPainter(BodyModel.Default);
        var pictures = new HashSet<string>();
        foreach (HairCut cut in Enum.GetValues<HairCut>())
        {
            foreach (TopKind top in Enum.GetValues<TopKind>())
            {
                foreach (TopPattern pattern in Enum.GetValues<TopPattern>())
                    pictures.Add(Convert.ToHexString(
                        painter.Paint(s_smpl, s_plain with { HairCut = cut, Top = top, Pattern = pattern }, 64).Data));
            }
        }
        Assert.HasCount(3 * 2 * 4, pictures);
    }

    [TestMethod]
    public void WrongArgumentsAreRefused()
    {
        var painter = new PersonPainter(BodyModel.Default);
        Assert.ThrowsExactly<ArgumentException>(() => painter.Paint(new float[84], s_plain, 64));
        Assert.ThrowsExactly<ArgumentException>(() => painter.Paint(new float[85], s_plain, 64));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => painter.Paint(s_smpl, s_plain, 31));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => painter.Paint(s_smpl, s_plain, 2049));
        Assert.ThrowsExactly<ArgumentNullException>(() => painter.Paint(s_smpl, null!, 64));
    }
}
