using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Tests.Composition;

[TestClass]
public class HangingClothesTests
{
    private const int Size = 256, Plane = Size * Size;
    private const float Wall = -0.5f, Body = 0, Cloth = 0.8f;

    private static readonly Posed s_standing = Pose(0.1f, 0), s_stepping = Pose(0.18f, 0.12f);

    [TestMethod]
    [DataRow(0.9f)]
    [DataRow(1.2f)]
    [DataRow(1.7f)]
    public void ASkirtIsFoundUpToItsHem(float hem)
    {
        Assert.AreEqual(hem, Search(Pose(0.2f, 0), Skirt(Pose(0.2f, 0), hem, 0.25f)), 0.11f, "the gap between the legs is filled");
        Assert.AreEqual(hem, Search(Pose(0, 0), Skirt(Pose(0, 0), hem, 0.25f)), 0.11f, "the legs are closed, the skirt is wider");
    }

    [TestMethod]
    public void TrousersAreNotASkirt()
    {
        foreach (float apart in (ReadOnlySpan<float>)[0, 0.05f, 0.1f, 0.2f])
        {
            Posed posed = Pose(apart, 0);
            float[] body = Silhouette(posed), wide = new float[Plane];
            new Lwg.MLNet.Warping.Morphology(Size, Size).Dilate(body, 7, wide);
            Assert.AreEqual(0, Search(posed, body), $"tight trousers, legs {apart} apart");
            Assert.AreEqual(0, Search(posed, wide), $"wide trousers, legs {apart} apart");
        }
        Assert.AreEqual(0, Search(s_standing, []), "no mask");
    }

    // Between the knees of a target the body has no surface: only the skirt can be there.
    [TestMethod]
    public void ASkirtMovesWithTheLegs()
    {
        TransferResult result = Apply(s_standing, s_stepping, Skirt(s_standing, 1.3f, 0.3f));
        var rows = new LegRows(BodyModel.Default);
        Assert.IsTrue(rows.Measure(s_stepping.Points));
        foreach (float t in (ReadOnlySpan<float>)[0.5f, 0.8f, 1.1f])
        {
            foreach (float side in (ReadOnlySpan<float>)[-0.9f, -0.4f, 0, 0.4f, 0.9f])
            {
                int i = At(rows, t, side);
                Assert.AreEqual(Cloth, result.Image[i], 0.05f, $"t {t}, side {side}");
                Assert.IsLessThan(0.05f, result.Mask[i], $"t {t}, side {side}");
            }
        }
        int below = At(rows, 1.6f, 0);
        Assert.AreEqual(-1, s_stepping.Faces[below], "the point between the shins shows a leg");
        Assert.AreEqual(Wall, result.Image[below], 0.02f);
        Assert.IsGreaterThan(0.95f, result.Mask[below]);
    }

    [TestMethod]
    public void ThePictureAgreesWithItsLayersAndArmsStayInFront()
    {
        TransferResult result = Apply(s_standing, s_stepping, Skirt(s_standing, 1.3f, 0.3f));
        int arms = 0;
        for (int i = 0; i < Plane; i++)
        {
            float composed = result.Mask[i] * result.Background[i] + (1 - result.Mask[i]) * result.Color[i];
            Assert.AreEqual(composed, result.Image[i], 0.02f, $"pixel {i}");
            if (s_stepping.Faces[i] < 0 || !IsArm(s_stepping.Faces[i]))
                continue;
            arms++;
            if (IsInside(s_stepping, i))
                Assert.AreEqual(Body, result.Image[i], $"arm at pixel {i}");
        }
        Assert.IsGreaterThan(500, arms);
    }

    [TestMethod]
    public void NothingChangesInTheSourcesOwnPoseOrWithoutASkirt()
    {
        float[] skirt = Skirt(s_standing, 1.3f, 0.3f);
        CollectionAssert.AreEqual(Generated(s_standing).Image, Apply(s_standing, s_standing, skirt).Image);
        CollectionAssert.AreEqual(Generated(s_stepping).Image, Apply(s_standing, s_stepping, Silhouette(s_standing)).Image);
    }

    [TestMethod]
    public void ATargetWhoseLegsDoNotRunDownIsLeftAlone()
    {
        Posed splits = Pose(1.2f, 0);
        CollectionAssert.AreEqual(Generated(splits).Image, Apply(s_standing, splits, Skirt(s_standing, 1.3f, 0.3f)).Image);
    }

    // The rows are coordinates: the way there and back is the same point.
    [TestMethod]
    public void RowsAreCoordinates()
    {
        var rows = new LegRows(BodyModel.Default);
        Assert.IsTrue(rows.Measure(s_stepping.Points));
        foreach (float t in (ReadOnlySpan<float>)[-0.1f, 0, 0.5f, 1, 1.3f, 2, 2.2f])
        {
            foreach ((float side, float beyond) in ((float, float)[])[(-1, -0.1f), (-1, 0), (0, 0), (0.5f, 0), (1, 0.2f)])
            {
                (float x, float y) = rows.Point(t, side, beyond);
                (float foundT, float foundSide, float foundBeyond) = rows.Of(x, y);
                Assert.AreEqual((t, side, beyond), (MathF.Round(foundT, 4), MathF.Round(foundSide, 4), MathF.Round(foundBeyond, 4)));
            }
        }
    }

    private static float Search(Posed source, float[] mask)
    {
        var clothes = new HangingClothes(Size, BodyModel.Default);
        clothes.Prepare(source.Points, source.Faces, mask);
        return clothes.Hem;
    }

    private static TransferResult Apply(Posed source, Posed target, float[] mask)
    {
        float[] picture = new float[3 * Plane], body = Silhouette(source);
        for (int i = 0; i < 3 * Plane; i++)
            picture[i] = body[i % Plane] > 0 && !IsUnderSkirt(source, mask, body, i % Plane) ? Body : mask[i % Plane] > 0.5f ? Cloth : Wall;
        var clothes = new HangingClothes(Size, BodyModel.Default);
        clothes.Prepare(source.Points, source.Faces, mask);
        TransferResult result = Generated(target);
        clothes.Apply(picture, target.Points, target.Faces, result);
        return result;
    }

    // The skirt covers the legs down to where the mask beside them ends.
    private static bool IsUnderSkirt(Posed source, float[] mask, float[] body, int pixel)
    {
        int face = source.Faces[pixel];
        return face >= 0 && BodyModel.Default.Surface.Part[face] is (byte)BodyPart.LeftLeg or (byte)BodyPart.RightLeg
            && Enumerable.Range(0, Size).Any(x => mask[pixel / Size * Size + x] > 0.5f && body[pixel / Size * Size + x] == 0);
    }

    // The output of a generator that uses only the body's surface.
    private static TransferResult Generated(Posed target)
    {
        var result = new TransferResult(Size);
        Array.Fill(result.Background, Wall);
        Array.Fill(result.Color, Body);
        for (int i = 0; i < Plane; i++)
            result.Mask[i] = target.Faces[i] < 0 ? 1 : 0;
        result.Compose();
        return result;
    }

    private static float[] Silhouette(Posed posed) => [.. posed.Faces.Select(face => face >= 0 ? 1f : 0)];

    // The silhouette, and a skirt that becomes wider down to its hem.
    private static float[] Skirt(Posed posed, float hem, float width)
    {
        float[] mask = Silhouette(posed);
        var rows = new LegRows(BodyModel.Default);
        Assert.IsTrue(rows.Measure(posed.Points));
        for (int i = 0; i < Plane; i++)
        {
            (float t, _, float beyond) = rows.Of((i % Size + 0.5f) * 2 / Size - 1, (i / Size + 0.5f) * 2 / Size - 1);
            if (t > 0 && t < hem && MathF.Abs(beyond) < width * (0.2f + 0.8f * t / hem) * 0.6f)
                mask[i] = 1;
        }
        return mask;
    }

    private static int At(LegRows rows, float t, float side)
    {
        (float x, float y) = rows.Point(t, side, 0);
        return (int)((y + 1) * Size / 2) * Size + (int)((x + 1) * Size / 2);
    }

    private static bool IsArm(int face) => BodyModel.Default.Surface.Part[face] is (byte)BodyPart.LeftArm or (byte)BodyPart.RightArm
        or (byte)BodyPart.LeftHand or (byte)BodyPart.RightHand;

    private static bool IsInside(Posed posed, int pixel) => new[] { -Size - 1, -Size, 1 - Size, -1, 1, Size - 1, Size, Size + 1 }
        .All(step => pixel + step is >= 0 and < Plane && posed.Faces[pixel + step] >= 0 && IsArm(posed.Faces[pixel + step]));

    // Arms lowered, legs spread sideways and one of them forward, radians.
    private static Posed Pose(float apart, float forward)
    {
        float[] smpl = new float[SmplLayout.ParameterCount];
        (smpl[0], smpl[2]) = (0.85f, 0.25f);
        Span<float> pose = smpl.AsSpan(3, 72);
        pose[0] = MathF.PI;
        (pose[3 * 1 + 2], pose[3 * 2 + 2]) = (apart, -apart);
        (pose[3 * 1], pose[3 * 2]) = (-forward, -forward);
        (pose[3 * 16 + 2], pose[3 * 17 + 2]) = (-0.9f, 0.9f);
        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(smpl, posed);
        float[] points = new float[posed.Vertices.Length], facePoints = new float[6 * BodyModel.Default.FaceCount];
        Camera.Project(posed.Vertices, smpl.AsSpan(0, 3), points);
        Camera.FacePoints(points, BodyModel.Default.Faces, facePoints);
        int[] faces = new int[Plane];
        new MeshRasterizer(Size).Draw(points, BodyModel.Default.Faces, faces, new float[3 * Plane]);
        return new Posed(facePoints, faces);
    }

    private sealed record Posed(float[] Points, int[] Faces);
}
