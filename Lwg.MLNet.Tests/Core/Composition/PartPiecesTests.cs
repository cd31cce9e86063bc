using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Tests.Generation;

namespace Lwg.MLNet.Tests.Composition;

/// <summary>Tests head and feet as pieces of the photograph, over a generator of one colour.</summary>
[TestClass]
public sealed class PartPiecesTests
{
    private const int Size = 256, Plane = Size * Size;

    private static readonly PaintedPerson s_person = PaintedPerson.Paint([.. SamplePerson.All[0].Smpl], SamplePerson.All[0].Look, Size);

    // The person moves, grows and leans within the picture plane: the painted truth equals the moved photograph, up to the light, which
    // does not turn, and to resampling.
    [TestMethod]
    public void APieceIsWhereThePartIs()
    {
        float[] smpl = Leaning(s_person.Smpl, 15);
        (smpl[0], smpl[1], smpl[2]) = (0.9f * smpl[0], smpl[1] + 0.1f, smpl[2] - 0.05f);
        PaintedPerson truth = PaintedPerson.Paint(smpl, SamplePerson.All[0].Look, Size);
        TransferResult result = Made(smpl);
        foreach ((BodyPart part, double most) in ((BodyPart, double)[])[(BodyPart.Head, 0.06), (BodyPart.LeftFoot, 0.12),
            (BodyPart.RightFoot, 0.12)])
        {
            double error = 0, wrong = 0;
            int[] pixels = [.. Inside(truth.Map, part)];
            Assert.IsGreaterThan(20, pixels.Length, $"{part}");
            foreach (int i in pixels)
            {
                for (int c = 0; c < 3; c++)
                {
                    error += Math.Abs(result.Image[c * Plane + i] - truth.Image[c * Plane + i]);
                    wrong += Math.Abs(s_person.Image[c * Plane + i] - truth.Image[c * Plane + i]);
                }
            }
            Assert.IsLessThan(most, error / (3 * pixels.Length),
                $"{part}; the photograph itself is off by {wrong / (3 * pixels.Length)} there");
        }
        // Hair that stands off the body moves too; pixels far from head and feet come from the generator.
        int[] hair = [.. Enumerable.Range(0, Plane)
            .Where(i => truth.Map.FaceIndex[i] < 0 && truth.Silhouette[i] > 0.99f && i / Size < Lowest(truth.Map, BodyPart.Head))];
        Assert.IsGreaterThan(20, hair.Length);
        Assert.IsLessThan(0.15, hair.Average(i =>
            Enumerable.Range(0, 3).Average(c => Math.Abs(result.Image[c * Plane + i] - truth.Image[c * Plane + i]))));
        foreach (int i in Inside(truth.Map, BodyPart.LeftHand).Concat(Inside(truth.Map, BodyPart.RightHand)))
            Assert.AreEqual(0.5f, result.Image[i], 1e-6f);
    }

    [TestMethod]
    public void APartThatTurnsAwayIsLeftToTheGenerator()
    {
        TransferResult result = Made(Turned(s_person.Smpl, 90, out BodyMap map));
        foreach (int i in Inside(map, BodyPart.Head))
            Assert.AreEqual(0.5f, result.Image[i], 1e-6f);
    }

    // From behind the outline is the mirrored one, with the photograph's hair; the painted truth has the same hair. What covers the body's
    // own head is left to the generator, which has the hair's colour.
    [TestMethod]
    public void AHeadFromBehindHasTheMirroredOutlineAndHair()
    {
        float[] smpl = Turned(s_person.Smpl, 180, out BodyMap map);
        PaintedPerson truth = PaintedPerson.Paint(smpl, SamplePerson.All[0].Look, Size);
        TransferResult result = Made(smpl);
        foreach (int i in Inside(map, BodyPart.Head))
            Assert.AreEqual(0.5f, result.Image[i], 1e-6f);
        double lowest = Lowest(map, BodyPart.Head);
        int[] face = [.. Inside(s_person.Map, BodyPart.Head).Where(i => BodyModel.Default.Surface.Front[s_person.Map.FaceIndex[i]])],
            outside = [.. Enumerable.Range(0, Plane)
                .Where(i => i / Size < lowest && map.FaceIndex[i] < 0 && truth.Silhouette[i] > 0.99f)],
            beside = [.. outside.Where(i => result.Mask[i] < 0.1f)];
        double[] colour = [.. Enumerable.Range(0, 3).Select(c => face.Average(i => s_person.Image[c * Plane + i]))];
        Assert.IsGreaterThan(20, outside.Length);
        Assert.IsGreaterThan(0.8 * outside.Length, beside.Length, "the outline, hair included");
        double error = beside.Average(i => Difference(result.Image, truth.Image, i)), skin = beside.Average(i =>
            Enumerable.Range(0, 3).Average(c => Math.Abs(truth.Image[c * Plane + i] - colour[c])));
        Assert.IsLessThan(0.5 * skin, error, "nearer to the painted hair than the face's skin is");
    }

    // Between side and back the hair beside the head ends nearer to it; nowhere is it half visible.
    [TestMethod]
    public void HairBesideAHeadFromBehindIsNotTransparent()
    {
        float weight = 0.5f;
        int half = 0, whole = 0;
        for (float degrees = 146; degrees <= 158; degrees += 2)
        {
            TransferResult result = Made(Turned(s_person.Smpl, degrees, out BodyMap map));
            double lowest = Lowest(map, BodyPart.Head);
            foreach (int i in Enumerable.Range(0, Plane).Where(i => i / Size < lowest && map.FaceIndex[i] < 0))
            {
                half += MathF.Abs(result.Mask[i] - weight) is > 0.1f and < 0.4f ? 1 : 0;
                whole += MathF.Abs(result.Mask[i] - weight) >= 0.4f ? 1 : 0;
            }
        }
        Assert.IsGreaterThan(100, whole);
        Assert.IsLessThan(0.7 * whole, half, "rims alone");
    }

    // The mask shows the toes alone, as if the body were beside the person or another leg in front.
    [TestMethod]
    public void AFootThatTheMaskCutsOffIsLeftToTheGenerator()
    {
        float[] smpl = [.. s_person.Smpl], mask = [.. s_person.Silhouette];
        smpl[1] -= 0.05f;
        BodyMap map = BodyMap.Render(smpl, Size);
        int[] foot = [.. Enumerable.Range(0, Plane).Where(i => s_person.Map.FaceIndex[i] is >= 0 and var face
            && (BodyPart)BodyModel.Default.Surface.Part[face] == BodyPart.LeftFoot)];
        int cut = foot.Select(i => i / Size).Order().ElementAt(foot.Length / 2);
        for (int i = 0; i < Plane; i++)
        {
            if (i / Size <= cut && foot.Any(k => Math.Abs(k % Size - i % Size) < 6 && Math.Abs(k / Size - i / Size) < 6))
                mask[i] = 0;
        }
        foreach (bool isCut in new[] { false, true })
        {
            TransferResult result = Made(map, isCut ? mask : s_person.Silhouette);
            double changed = Inside(map, BodyPart.LeftFoot).Average(i => MathF.Abs(result.Mask[i] - 0.5f));
            Assert.AreEqual(!isCut, changed > 0.1, $"{changed}");
        }
    }

    [TestMethod]
    public void AFaceThatThePhotographDoesNotShowIsLeftToTheGenerator()
    {
        PaintedPerson behind = PaintedPerson.Paint(Turned(s_person.Smpl, 180, out _), SamplePerson.All[0].Look, Size);
        var pieces = new PartPieces(Size, BodyModel.Default);
        pieces.Prepare(behind.Map.FaceIndex, behind.Map.Weights, behind.Silhouette);
        var result = new TransferResult(Size);
        Array.Fill(result.Color, 1);
        Array.Fill(result.Mask, 0.5f);
        result.Compose();
        pieces.Apply(behind.Image, behind.Map.Points, s_person.Map.Points, s_person.Map.FaceIndex, result);
        foreach (int i in Inside(s_person.Map, BodyPart.Head))
            Assert.AreEqual(0.5f, result.Image[i], 1e-6f);
    }

    [TestMethod]
    public void WhereNothingMovesNothingChanges()
    {
        TransferResult result = Made(s_person.Smpl);
        Assert.IsTrue(result.Image.All(v => v == 0.5f), "The photograph itself is shown by another.");
    }

    [TestMethod]
    public void WithoutAMaskThereAreNoPieces()
    {
        float[] smpl = [.. s_person.Smpl];
        smpl[1] += 0.1f;
        Assert.IsTrue(Made(smpl, mask: []).Image.All(v => v == 0.5f));
        Assert.IsTrue(Made(smpl, mask: new float[64 * 64]).Image.All(v => v == 0.5f), "The mask is of something else.");
    }

    // A hand in front of the face in the target's map.
    [TestMethod]
    public void PartsInFrontStayInFront()
    {
        float[] smpl = [.. s_person.Smpl];
        smpl[1] += 0.05f;
        BodyMap map = BodyMap.Render(smpl, Size);
        int[] head = [.. Inside(map, BodyPart.Head)];
        int hand = BodyModel.Default.Surface.Part.IndexOf((int)BodyPart.RightHand), middle = (int)head.Average(i => i % Size);
        foreach (int i in head.Where(i => i % Size < middle))
            map.FaceIndex[i] = hand;
        TransferResult result = Made(map);
        foreach (int i in head)
        {
            if (Around(i).All(k => map.FaceIndex[k] == hand))
                Assert.AreEqual(0.5f, result.Image[i], 1e-6f);
        }
        Assert.IsTrue(head.Any(i => i % Size > middle + 1 && MathF.Abs(result.Image[i] - 0.5f) > 0.1f), "The rest of the face is there.");

        static IEnumerable<int> Around(int i) =>
            from dy in Enumerable.Range(-1, 3) from dx in Enumerable.Range(-1, 3) select i + dy * Size + dx;
    }

    [TestMethod]
    public void PictureColoursAndMaskAgree()
    {
        float[] smpl = Leaning(s_person.Smpl, 10);
        TransferResult result = Made(smpl);
        int changed = 0;
        for (int i = 0; i < 3 * Plane; i++)
        {
            float composed = float.Lerp(result.Color[i], result.Background[i], result.Mask[i % Plane]);
            Assert.AreEqual(composed, result.Image[i], 2e-3f);
            changed += result.Image[i] != 0.5f ? 1 : 0;
        }
        Assert.IsGreaterThan(1000, changed);
    }

    // The generator's picture is 0.5 everywhere: a person of colour 1 with mask 0.5 over a background of 0.
    private static TransferResult Made(float[] target, float[]? mask = null) => Made(BodyMap.Render(target, Size), mask);

    private static TransferResult Made(BodyMap map, float[]? mask = null)
    {
        mask ??= [.. Enumerable.Range(0, 64 * 64).Select(i => s_person.Silhouette[(4 * (i / 64) + 2) * Size + 4 * (i % 64) + 2])];
        var pieces = new PartPieces(Size, BodyModel.Default);
        pieces.Prepare(s_person.Map.FaceIndex, s_person.Map.Weights, mask);
        var result = new TransferResult(Size);
        Array.Fill(result.Color, 1);
        Array.Fill(result.Mask, 0.5f);
        result.Compose();
        pieces.Apply(s_person.Image, s_person.Map.Points, map.Points, map.FaceIndex, result);
        return result;
    }

    // Returns the pixels of a part whose neighbours, two to each side, belong to the part too.
    private static IEnumerable<int> Inside(BodyMap map, BodyPart part)
    {
        const int Around = 2;
        for (int y = Around; y < Size - Around; y++)
        {
            for (int x = Around; x < Size - Around; x++)
            {
                bool all = true;
                for (int dy = -Around; dy <= Around; dy++)
                {
                    for (int dx = -Around; dx <= Around; dx++)
                        all &= map.FaceIndex[(y + dy) * Size + x + dx] is >= 0 and var face
                            && (BodyPart)BodyModel.Default.Surface.Part[face] == part;
                }
                if (all)
                    yield return y * Size + x;
            }
        }
    }

    private static double Difference(float[] a, float[] b, int pixel) =>
        Enumerable.Range(0, 3).Average(c => Math.Abs(a[c * Plane + pixel] - b[c * Plane + pixel]));

    // Returns the mean row of a part.
    private static double Lowest(BodyMap map, BodyPart part) => Inside(map, part).Average(i => i / Size);

    private static float[] Leaning(float[] smpl, float degrees) => WithRoot(smpl, 0, 0, degrees);

    private static float[] Turned(float[] smpl, float degrees, out BodyMap map)
    {
        float[] turned = WithRoot(smpl, 0, degrees, 0);
        map = BodyMap.Render(turned, Size);
        return turned;
    }

    private static float[] WithRoot(float[] smpl, double x, double y, double z)
    {
        float[] turned = [.. smpl];
        float[] root = new float[9], turn = new float[9], both = new float[9];
        Rotations.FromAxisAngle(smpl.AsSpan(SmplLayout.PoseOffset, 3), root);
        Rotations.FromEuler(double.DegreesToRadians(x), double.DegreesToRadians(y), double.DegreesToRadians(z), turn);
        Rotations.Multiply(turn, root, both);
        Rotations.ToAxisAngle(both, turned.AsSpan(SmplLayout.PoseOffset, 3));
        return turned;
    }
}
