using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Tests that a network's halo around a body ends where the photograph's person ends.</summary>
[TestClass]
public sealed class OutlineLimitTests
{
    private const int Size = 192, Plane = Size * Size, Clothes = 4;

    [TestMethod]
    [DataRow(0f)]
    [DataRow(10f)]
    [DataRow(25f)]
    public void AHaloEndsWhereTheClothesEnd(float degrees)
    {
        PaintedPerson source = PaintedPerson.Paint([.. SamplePerson.All[0].Smpl], SamplePerson.All[0].Look, Size);
        BodyMap target = BodyMap.Render(WithLegOut(source.Smpl, degrees), Size);
        // The clothes reach four pixels beyond the body; the network draws everything up to twelve.
        float[] clothes = Dilated(source.Map.FaceIndex, Clothes), halo = Dilated(target.FaceIndex, 12),
            background = [.. halo.Select(h => 1 - h)];
        float[] before = [.. background];
        Limit(source, clothes).Apply(Analyse(source, clothes), target.FaceIndex, target.Weights, Body(target.FaceIndex),
            background);
        var nearest = new int[Plane];
        new NearestPixels(Size).Find([.. target.FaceIndex.Select(f => f >= 0)], nearest);
        double middle = Enumerable.Range(0, Plane).Where(i => target.FaceIndex[i] >= 0).Average(i => i % Size);
        double near = 0, nearAll = 0, far = 0, farAll = 0;
        for (int i = 0; i < Plane; i++)
        {
            int face = target.FaceIndex[nearest[i]];
            if (target.FaceIndex[i] >= 0 || BodyModel.Default.Surface.Head[face])
            {
                Assert.AreEqual(before[i], background[i], "body and head stay");
                continue;
            }
            // On the outer side of the legs: between them a halo of one leg may be where the photograph shows the other.
            if ((BodyPart)BodyModel.Default.Surface.Part[face] is not (BodyPart.LeftLeg or BodyPart.RightLeg) || before[i] > 0
                || (i % Size - nearest[i] % Size) * (nearest[i] % Size - middle) <= 0)
                continue;
            float distance = MathF.Sqrt(Square(i % Size - nearest[i] % Size) + Square(i / Size - nearest[i] / Size));
            if (distance <= Clothes - 2)
                (near, nearAll) = (near + 1 - background[i], nearAll + 1);
            else if (distance >= Clothes + 4)
                (far, farAll) = (far + 1 - background[i], farAll + 1);
        }
        Assert.IsGreaterThan(100, nearAll);
        Assert.IsGreaterThan(100, farAll);
        Assert.IsGreaterThan(0.95, near / nearAll, "the clothes stay");
        Assert.IsLessThan(0.2, far / farAll, "the halo goes");
    }

    // From behind the source shows no point of the outline as it is: what the mask usually shows beside the same limb limits the halo.
    [TestMethod]
    public void WhereTheSourceDoesNotShowTheOutlineItsUsualReachIsTheLimit()
    {
        PaintedPerson source = PaintedPerson.Paint([.. SamplePerson.All[0].Smpl], SamplePerson.All[0].Look, Size);
        float[] smpl = [.. source.Smpl], turned = new float[3];
        Rotations.ToAxisAngle(Turned(smpl.AsSpan(3, 3)), turned);
        turned.CopyTo(smpl, 3);
        BodyMap target = BodyMap.Render(smpl, Size);
        float[] clothes = Dilated(source.Map.FaceIndex, Clothes), background = [.. Dilated(target.FaceIndex, 16).Select(h => 1 - h)];
        NearestBody body = Body(target.FaceIndex);
        Limit(source, clothes).Apply(Analyse(source, clothes), target.FaceIndex, target.Weights, body, background);
        double far = 0, farAll = 0, near = 0, nearAll = 0;
        for (int i = 0; i < Plane; i++)
        {
            int edge = body.Nearest[i];
            if (body.IsBody[i] || BodyModel.Default.Surface.Head[target.FaceIndex[edge]])
                continue;
            float distance = MathF.Sqrt(Square(i % Size - edge % Size) + Square(i / Size - edge / Size));
            if (distance is >= Clothes + 6 and <= 12)
                (far, farAll) = (far + 1 - background[i], farAll + 1);
            else if (distance <= Clothes - 2)
                (near, nearAll) = (near + 1 - background[i], nearAll + 1);
        }
        Assert.IsGreaterThan(100, farAll);
        Assert.IsLessThan(0.05, far / farAll, "the halo goes");
        Assert.IsGreaterThan(0.95, near / nearAll, "the clothes stay");

        static float[] Turned(ReadOnlySpan<float> root)
        {
            float[] own = new float[9], all = new float[9];
            Rotations.FromAxisAngle(root, own);
            Rotations.Multiply(own, [-1, 0, 0, 0, 1, 0, 0, 0, -1], all);
            return all;
        }
    }

    [TestMethod]
    public void WithoutAMaskOrWithOneOfSomethingElseNothingChanges()
    {
        PaintedPerson source = PaintedPerson.Paint([.. SamplePerson.All[0].Smpl], SamplePerson.All[0].Look, Size);
        float[] background = [.. Dilated(source.Map.FaceIndex, 12).Select(h => 1 - h)], before = [.. background],
            elsewhere = new float[Plane];
        Array.Fill(elsewhere, 1f, 0, 20 * Size);
        foreach (float[] mask in new[] { [], elsewhere })
        {
            Limit(source, mask).Apply(Analyse(source, []), source.Map.FaceIndex, source.Map.Weights,
                Body(source.Map.FaceIndex), background);
            CollectionAssert.AreEqual(before, background);
        }
    }

    private static OutlineLimit Limit(PaintedPerson source, float[] mask)
    {
        var limit = new OutlineLimit(Size, BodyModel.Default);
        limit.Take(mask, source.Map.FaceIndex, new NearestBody(Size));
        return limit;
    }

    private static NearestBody Body(int[] faceIndex)
    {
        var body = new NearestBody(Size);
        body.Find(faceIndex);
        return body;
    }

    private static TextureWarpSource Analyse(PaintedPerson source, float[] mask) =>
        PaintedPeople.Generator.Analyse(source.Image, source.Map.Points, source.Map.FaceIndex, Size, mask, mask, fill: null);

    private static float[] Dilated(int[] faceIndex, int by)
    {
        float[] map = [.. faceIndex.Select(f => f >= 0 ? 1f : 0)];
        new Morphology(Size, Size).Dilate(map, 2 * by + 1, map);
        return map;
    }

    private static float[] WithLegOut(float[] smpl, float degrees)
    {
        float[] changed = [.. smpl];
        // The rotation of the left hip about the depth axis.
        changed[3 + 3 * Skeleton.LeftHip + 2] += degrees * MathF.PI / 180;
        return changed;
    }

    private static float Square(int x) => x * x;
}
