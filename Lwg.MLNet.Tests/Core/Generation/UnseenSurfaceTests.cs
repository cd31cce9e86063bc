using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Tests backs that a photograph does not show, over a network that paints the front there.</summary>
[TestClass]
public sealed class UnseenSurfaceTests
{
    private const int Size = 192, Plane = Size * Size;

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public void TheBackOfAHeadShowsHairAndNoFace(int index)
    {
        SamplePerson person = SamplePerson.All[index];
        PaintedPerson source = PaintedPerson.Paint([.. person.Smpl], person.Look, Size),
            truth = PaintedPerson.Paint(Turned(source.Smpl), person.Look, Size);
        TextureWarpSource analysed = Analyse(source.Image, source);
        float[] front = Front(source, truth.Map), covered = [.. front];
        Cover(analysed, truth.Map, covered);
        int[] head = [.. Inside(truth.Map, f => BodyModel.Default.Surface.Head[f]).Where(i => i / Size < Middle(truth.Map))];
        Assert.IsGreaterThan(40, head.Length);
        double before = Error(front, truth.Image, head), after = Error(covered, truth.Image, head);
        // The error of the front is skin in place of hair; the remaining error is light and strands (.49, .56 and .65 of it).
        Assert.IsLessThan(0.75 * before, after, $"error on the head: {before:0.000} before, {after:0.000} after");
    }

    [TestMethod]
    public void VisibleSurfaceStaysAndATieDoesNotShowThrough()
    {
        SamplePerson person = SamplePerson.All[0];
        PaintedPerson source = PaintedPerson.Paint([.. person.Smpl], person.Look, Size);
        TextureWarpSource analysed = Analyse(source.Image, source);
        float[] own = [.. source.Image];
        Cover(analysed, source.Map, own);
        int[] facing = [.. Inside(source.Map, _ => true).Where(i => Blend(source.Map, i).Of(analysed.Quality) > 0.99f)];
        Assert.IsGreaterThan(1000, facing.Length);
        foreach (int i in facing)
            Assert.AreEqual(source.Image[i], own[i], 1e-5f);

        // A network's back in the spread colours, except for a stripe of pure red.
        BodyMap back = BodyMap.Render(Turned(source.Smpl), Size);
        int[] trunk = [.. Inside(back, f => (BodyPart)BodyModel.Default.Surface.Part[f] == BodyPart.Torso)
            .Where(i => Blend(back, i).Of(analysed.Seen) == 0 && Blend(back, i).Of(analysed.Covered) == 0)];
        int count = BodyModel.Default.VertexCount, middle = (int)trunk.Average(i => i % Size);
        float[] spread = new float[3 * Plane];
        foreach (int i in trunk)
        {
            for (int c = 0; c < 3; c++)
                spread[c * Plane + i] = Blend(back, i).Of(analysed.Colours.AsSpan(c * count, count));
        }
        float[] network = [.. spread];
        int[] stripe = [.. trunk.Where(i => Math.Abs(i % Size - middle) <= 2)];
        foreach (int i in stripe)
            (network[i], network[Plane + i], network[2 * Plane + i]) = (1, -1, -1);
        foreach (int i in trunk.Except(stripe))
            network[i] += 0.1f;
        float[] covered = [.. network];
        Cover(analysed, back, covered);
        Assert.IsGreaterThan(50, stripe.Length);
        Assert.IsLessThan(0.25 * Error(network, spread, stripe), Error(covered, spread, stripe));
        foreach (int i in trunk.Except(stripe))
            Assert.AreEqual(network[i], covered[i], 1e-5f, "folds and patterns of the same cloth stay");
    }

    // A shirt over shorts. On the back T leads to another height of the front: the network's hem is below that of the spread colours.
    [TestMethod]
    public void AHemAtAnotherHeightStaysAndAnotherColourDoesNot()
    {
        const float Hem = -0.2f, Lower = 0.07f;
        float[] shirt = [0.8f, -0.7f, -0.5f], shorts = [0.9f, 0.9f, 0.9f], other = [-0.9f, 0.9f, -0.9f];
        PaintedPerson source = PaintedPerson.Paint([.. SamplePerson.All[0].Smpl], SamplePerson.All[0].Look, Size);
        float[] heights = [.. Enumerable.Range(0, BodyModel.Default.VertexCount).Select(v => BodyModel.Default.Data.Template[3 * v + 1])];
        TextureWarpSource analysed = Analyse(Dressed(source.Map, Hem, -1), source);
        BodyMap back = BodyMap.Render(Turned(source.Smpl), Size);
        int[] below = [.. Inside(back, f => (BodyPart)BodyModel.Default.Surface.Part[f] == BodyPart.Torso)
            .Where(i => Blend(back, i).Of(analysed.Seen) == 0 && Blend(back, i).Of(analysed.Covered) == 0
            && Blend(back, i).Of(heights) is > Hem - Lower + 0.01f and < Hem - 0.02f)];
        Assert.IsGreaterThan(50, below.Length);
        float[] network = Dressed(back, Hem - Lower, -1), covered = [.. network];
        Cover(analysed, back, covered);
        Assert.IsLessThan(0.05, Error(covered, network, below), "the hem stays");
        foreach (int i in below)
            (network[i], network[Plane + i], network[2 * Plane + i]) = (other[0], other[1], other[2]);
        covered = [.. network];
        Cover(analysed, back, covered);
        Assert.IsGreaterThan(0.5, Error(covered, network, below), "what is neither shirt nor shorts does not");

        float[] Dressed(BodyMap map, float hem, float beside)
        {
            float[] image = new float[3 * Plane];
            for (int i = 0; i < 3 * Plane; i++)
                image[i] = map.FaceIndex[i % Plane] < 0 ? beside
                    : (Blend(map, i % Plane).Of(heights) > hem ? shirt : shorts)[i / Plane];
            return image;
        }
    }

    [TestMethod]
    public void PixelsBesideTheBodyFollowIt()
    {
        PaintedPerson source = PaintedPerson.Paint([.. SamplePerson.All[0].Smpl], SamplePerson.All[0].Look, Size);
        TextureWarpSource analysed = Analyse(source.Image, source);
        BodyMap back = BodyMap.Render(Turned(source.Smpl), Size);
        var body = new NearestBody(Size);
        body.Find(back.FaceIndex);
        float[] color = [.. Enumerable.Range(0, 3 * Plane).Select(i => i / Plane == 1 ? 1f : -1)], covered = [.. color];
        // On the left side nothing is drawn beside the body.
        float[] background = [.. Enumerable.Range(0, Plane).Select(i => body.IsBody[i] || i % Size >= Size / 2 ? 0f : 1)];
        PaintedPeople.Generator.Unseen!.Cover(analysed, back.FaceIndex, back.Weights, body, background, covered);
        int[] beside = [.. Enumerable.Range(0, Plane).Where(i => !body.IsBody[i])];
        int[] followed = [.. beside.Where(i => Distance(i) < 4 && background[i] == 0 && (BodyPart)BodyModel.Default.Surface
            .Part[back.FaceIndex[body.Nearest[i]]] is BodyPart.Head or BodyPart.Torso && Error(covered, color, [body.Nearest[i]]) > 0.5)];
        Assert.IsGreaterThan(40, followed.Length);
        Assert.IsLessThan(0.1, followed.Average(i => Enumerable.Range(0, 3)
            .Average(c => Math.Abs((double)covered[c * Plane + i] - covered[c * Plane + body.Nearest[i]]))));
        int[] left = [.. beside.Where(i => background[i] == 1 || Distance(i) > 0.06f * Size)];
        Assert.AreEqual(0, Error(covered, color, left), "no person, or too far");

        float Distance(int i)
        {
            int near = body.Nearest[i];
            return MathF.Sqrt((i % Size - near % Size) * (i % Size - near % Size) + (i / Size - near / Size) * (i / Size - near / Size));
        }
    }

    // The source's forearm is in front of the trunk, the target's is not: T leads from the trunk behind it to the arm.
    [TestMethod]
    public void AnArmInFrontOfTheTrunkDoesNotStayOnIt()
    {
        SamplePerson person = SamplePerson.All[0];
        float[] bent = [.. person.Smpl];
        bent[SmplLayout.PoseOffset + 3 * Skeleton.LeftElbow + 1] -= 1.9f;
        bent[SmplLayout.PoseOffset + 3 * Skeleton.LeftShoulder] += 0.9f;
        PaintedPerson source = PaintedPerson.Paint(bent, person.Look, Size);
        PaintedPerson truth = PaintedPerson.Paint([.. person.Smpl], person.Look, Size);
        TextureWarpSource analysed = Analyse(source.Image, source);
        int[] behind = [.. Inside(truth.Map, f => (BodyPart)BodyModel.Default.Surface.Part[f] == BodyPart.Torso)
            .Where(i => Blend(truth.Map, i).Of(analysed.Covered) > 0.99f && truth.Silhouette[i] > 0.99f)];
        Assert.IsGreaterThan(30, behind.Length);
        float[] front = Front(source, truth.Map), covered = [.. front];
        Cover(analysed, truth.Map, covered);
        double before = Error(front, truth.Image, behind), after = Error(covered, truth.Image, behind);
        Assert.IsLessThan(0.5 * before, after, $"{before:0.000} before, {after:0.000} after");
    }

    [TestMethod]
    public void ABaldHeadStaysBaldAndHairIsWhatHasAnotherColourThanTheFace()
    {
        SamplePerson person = SamplePerson.All[0];
        PaintedPerson source = PaintedPerson.Paint([.. person.Smpl], person.Look, Size);
        float[] skin = [0.5f, 0.1f, -0.1f], dark = [-0.8f, -0.8f, -0.7f];
        foreach (bool hair in new[] { false, true })
        {
            float[] image = [.. Enumerable.Range(0, 3 * Plane).Select(i => source.Silhouette[i % Plane] < 0.5f ? 1f : skin[i / Plane])];
            int top = Inside(source.Map, f => BodyModel.Default.Surface.Head[f]).Min(i => i / Size),
                chin = Inside(source.Map, f => BodyModel.Default.Surface.Front[f]).Max(i => i / Size);
            for (int i = 0; i < Plane; i++)
            {
                bool above = i / Size < top + (chin - top) / 3 && source.Silhouette[i] >= 0.5f;
                for (int c = 0; c < 3 && hair && above; c++)
                    image[c * Plane + i] = dark[c];
            }
            TextureWarpSource analysed = Analyse(image, source);
            int back = BackOfHead();
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(hair ? dark[c] : skin[c], analysed.Colours[c * BodyModel.Default.VertexCount + back], 0.1f,
                    $"hair: {hair}");
        }
    }

    private static TextureWarpSource Analyse(float[] image, PaintedPerson person) =>
        PaintedPeople.Generator.Analyse(image, person.Map.Points, person.Map.FaceIndex, Size, person.Silhouette, person.Silhouette,
        fill: null, clearsBacks: true);

    // Covers a network's picture of the body alone.
    private static void Cover(TextureWarpSource source, BodyMap target, float[] color)
    {
        var body = new NearestBody(Size);
        body.Find(target.FaceIndex);
        float[] background = [.. target.FaceIndex.Select(face => face < 0 ? 1f : 0)];
        PaintedPeople.Generator.Unseen!.Cover(source, target.FaceIndex, target.Weights, body, background, color);
    }

    // Returns the rearmost vertex of the head above the neck.
    private static int BackOfHead()
    {
        BodyModel body = BodyModel.Default;
        float[] rest = body.Data.Template;
        int[] head = [.. Enumerable.Range(0, body.FaceCount).Where(f => body.Surface.Head[f])
            .SelectMany(f => body.Faces.Slice(3 * f, 3).ToArray()).Distinct()];
        float middle = head.Average(v => rest[3 * v + 1]);
        return head.Where(v => rest[3 * v + 1] > middle).MinBy(v => rest[3 * v + 2]);
    }

    private static float[] Turned(float[] smpl)
    {
        float[] turned = [.. smpl], root = new float[9], both = new float[9];
        Rotations.FromAxisAngle(smpl.AsSpan(SmplLayout.PoseOffset, 3), root);
        Rotations.Multiply([-1, 0, 0, 0, 1, 0, 0, 0, -1], root, both);
        Rotations.ToAxisAngle(both, turned.AsSpan(SmplLayout.PoseOffset, 3));
        return turned;
    }

    // Returns the pixels that T points to: the front that hides the back.
    private static float[] Front(PaintedPerson source, BodyMap target)
    {
        float[] flow = new float[2 * Plane], warped = new float[3 * Plane];
        TransformationFlow.Compute(source.Map.Points, target.FaceIndex, target.Weights, flow);
        GridSampler.Sample(source.Image, 3, Size, Size, flow, alignCorners: false, warped);
        return warped;
    }

    private static VertexBlend Blend(BodyMap map, int pixel) =>
        new(BodyModel.Default.Faces, map.FaceIndex[pixel], map.Weights.AsSpan(3 * pixel, 3));

    private static IEnumerable<int> Inside(BodyMap map, Func<int, bool> belongs) =>
        Enumerable.Range(0, Plane).Where(i => map.FaceIndex[i] >= 0 && belongs(map.FaceIndex[i]));

    private static double Middle(BodyMap map) => Inside(map, f => BodyModel.Default.Surface.Head[f]).Average(i => (double)(i / Size));

    private static double Error(float[] a, float[] b, int[] pixels) =>
        pixels.Average(i => Enumerable.Range(0, 3).Average(c => Math.Abs((double)a[c * Plane + i] - b[c * Plane + i])));
}
