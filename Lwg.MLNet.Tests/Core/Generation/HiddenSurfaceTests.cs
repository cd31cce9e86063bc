using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Tests surface that the source does not show: a person's back, and the far side of a person seen from the side.</summary>
[TestClass]
public class HiddenSurfaceTests
{
    private const int Size = PaintedPeople.Size;

    // Every material has a distinct dominant channel, or a pair of them; light changes their brightness, but not which ones dominate.
    private static readonly PersonLook s_vivid = new()
    {
        Seed = 3, HairCut = HairCut.Bob, Skin = new(220, 60, 220), Lips = new(230, 220, 20), Eyes = new(230, 220, 20),
        Hair = new(30, 170, 30), Brows = 0,
        Top = TopKind.Jumper, TopColor = new(200, 30, 30), Accent = new(200, 30, 30), Trousers = new(30, 30, 200),
        Shoes = new(30, 190, 190), Soles = new(30, 190, 190),
        Wall = new(210, 210, 210), Floor = new(190, 190, 190),
    };

    private static readonly Lazy<(PaintedPerson Source, PaintedPerson Truth, TransferResult Result)> s_back = new(() =>
    {
        SamplePerson person = SamplePerson.All[0];
        PaintedPerson source = PaintedPerson.Paint(Turned(person, 0), s_vivid, Size),
            truth = PaintedPerson.Paint(Turned(person, 180), s_vivid, Size);
        return (source, truth, PaintedPeople.Transfer(source, truth.Map));
    });

    [TestMethod]
    public void TheBackOfTheHeadShowsHairAndNoFace()
    {
        (PaintedPerson source, PaintedPerson truth, TransferResult result) = s_back.Value;
        float[] head = new float[Size * Size], front = new float[Size * Size];
        BodyMaps.Head(truth.Map.FaceIndex, BodyModel.Default.Surface, head);
        BodyMaps.Front(truth.Map.FaceIndex, BodyModel.Default.Surface, front);
        int[] hair = [.. Pixels(i => head[i] == 1 && front[i] == 0 && IsHair(truth.Image, i))];
        Assert.IsGreaterThan(60, hair.Length, "pixels of hair on the back of the head");
        Assert.IsGreaterThan(50, Pixels(i => IsSkin(source.Image, i) && i / Size < Size / 4).Count(),
            "pixels of the face in the source: otherwise none could be on the back");

        int right = hair.Count(i => IsHair(result.Image, i)), face = hair.Count(i => IsSkin(result.Image, i));
        int lips = Pixels(i => IsLips(result.Image, i)).Count();
        Assert.IsGreaterThan(0.9 * hair.Length, right, "hair where hair is");
        // Hair may end one pixel too high.
        Assert.IsLessThan(0.05 * hair.Length, face, "skin where hair is");
        Assert.AreEqual(0, lips, "lips and eyes anywhere");
    }

    [TestMethod]
    public void ClothesOnTheBackAreAtTheirHeight()
    {
        (_, PaintedPerson truth, TransferResult result) = s_back.Value;
        foreach ((string what, Func<float[], int, bool> isIt) in new (string, Func<float[], int, bool>)[] { ("top", IsTop),
            ("trousers", IsTrousers) })
        {
            int[] there = [.. Pixels(i => truth.Silhouette[i] > 0.99f && isIt(truth.Image, i))];
            double share = there.Count(i => isIt(result.Image, i)) / (double)there.Length;
            Assert.IsGreaterThan(0.9, share, $"the {what}'s colour where the {what} is");
        }
    }

    // The colour of every point of the body depends on |x|, y and z at rest: only the mirror image of the far side is visible.
    [TestMethod]
    public void TheFarSideTakesTheNearSidesColours()
    {
        SamplePerson person = SamplePerson.All[0];
        BodyMap source = BodyMap.Render(Turned(person, 90), Size), target = BodyMap.Render(Turned(person, -90), Size);
        float[] picture = Patterned(source), truth = Patterned(target);
        TransferResult result = PaintedPeople.Transfer(picture, source, target);
        // Away from outlines, to exclude effects of the soft mask and the slope of the surface.
        var morphology = new Morphology(Size, Size);
        float[] inside = new float[Size * Size];
        morphology.Erode(target.Silhouette, 5, inside);
        double error = PictureError.MeanAbsolute(result.Image, truth, inside);
        double mean = PictureError.MeanAbsolute(new float[3 * Size * Size], truth, inside);
        Assert.IsGreaterThan(300, inside.Sum(), "pixels that count");
        Assert.IsLessThan(0.35 * mean, error, "mean error, against the pattern's own mean amplitude");
    }

    /// <summary>Returns a person's stance, turned about the vertical.</summary>
    private static float[] Turned(SamplePerson person, double degrees)
    {
        float[] smpl = [.. person.Smpl];
        Span<float> root = smpl.AsSpan(SmplLayout.PoseOffset, 3);
        Quaternion turned = Quaternion.CreateFromAxisAngle(Vector3.UnitY, (float)double.DegreesToRadians(degrees))
            * AxisAngle.ToQuaternion(root);
        AxisAngle.FromQuaternion(turned, new Vector3(root)).CopyTo(root);
        return smpl;
    }

    private static float[] Patterned(BodyMap map)
    {
        float[] picture = new float[3 * Size * Size], rest = BodyModel.Default.Data.Template;
        Span<float> p = stackalloc float[3];
        for (int i = 0; i < map.FaceIndex.Length; i++)
        {
            // Neither colour nor brightness of the background occurs on the body.
            (picture[i], picture[Size * Size + i], picture[2 * Size * Size + i]) = (0.95f, 0.95f, 0.95f);
            if (map.FaceIndex[i] < 0)
                continue;
            p.Clear();
            for (int k = 0; k < 3; k++)
            {
                int v = BodyModel.Default.Faces[3 * map.FaceIndex[i] + k];
                for (int c = 0; c < 3; c++)
                    p[c] += map.Weights[3 * i + k] * rest[3 * v + c];
            }
            picture[i] = 0.6f * MathF.Sin(25 * p[1]);
            picture[Size * Size + i] = 0.6f * MathF.Sin(35 * p[2] + 5 * MathF.Abs(p[0]));
            picture[2 * Size * Size + i] = 0.6f * MathF.Sin(20 * p[1] + 30 * p[2]);
        }
        return picture;
    }

    private static IEnumerable<int> Pixels(Func<int, bool> which) => Enumerable.Range(0, Size * Size).Where(which);

    private static bool IsHair(float[] image, int i) => Leads(image, i, false, true, false);

    private static bool IsSkin(float[] image, int i) => Leads(image, i, true, false, true);

    private static bool IsLips(float[] image, int i) => Leads(image, i, true, true, false);

    private static bool IsTop(float[] image, int i) => Leads(image, i, true, false, false);

    private static bool IsTrousers(float[] image, int i) => Leads(image, i, false, false, true);

    /// <summary>Returns whether exactly these channels dominate: each is at least 20 of 255 above each of the others.</summary>
    private static bool Leads(float[] image, int i, bool red, bool green, bool blue)
    {
        bool[] lead = [red, green, blue];
        float low = float.MaxValue, high = float.MinValue;
        for (int c = 0; c < 3; c++)
        {
            float value = image[c * Size * Size + i];
            if (lead[c])
                low = Math.Min(low, value);
            else
                high = Math.Max(high, value);
        }
        return low > high + 20 / 127.5f;
    }
}
