using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Tests.Generation;

[TestClass]
public class SurfaceFillTests
{
    private static readonly BodyModel s_body = BodyModel.Default;
    private static readonly SurfaceFill s_fill = new(s_body, new MeshTopology(s_body), float.NaN);

    private static int Count => s_body.VertexCount;

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ConstantsAreReproducedFromAnyFirstGuess(bool median)
    {
        var random = new Random(7);
        bool[] known = [.. Enumerable.Range(0, Count).Select(_ => random.Next(20) == 0)];
        float[] values = [0.4f, -0.8f, 0];
        float[] colours = [.. Enumerable.Range(0, 3 * Count)
            .Select(i => known[i % Count] ? values[i / Count] : 2 * random.NextSingle() - 1)];
        s_fill.Solve(colours, known, median);
        for (int i = 0; i < colours.Length; i++)
            Assert.AreEqual(values[i / Count], colours[i], 1e-6, $"vertex {i % Count}: a mean of equal colours");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void KnownColoursStayAndTheOthersAreWithinTheirRange(bool median)
    {
        var random = new Random(8);
        bool[] known = [.. Enumerable.Range(0, Count).Select(v => s_body.Data.Template[3 * v + 2] > 0.02f)];
        float[] before = [.. Enumerable.Range(0, 3 * Count).Select(i => random.NextSingle() - 0.3f * (i / Count))], colours = [.. before];
        for (int i = 0; i < colours.Length; i++)
        {
            if (!known[i % Count])
                colours[i] = 5;
        }
        s_fill.Solve(colours, known, median);
        for (int c = 0; c < 3; c++)
        {
            float[] given = [.. Enumerable.Range(0, Count).Where(v => known[v]).Select(v => before[c * Count + v])];
            float low = given.Min() - 1e-6f, high = given.Max() + 1e-6f;
            for (int v = 0; v < Count; v++)
            {
                if (known[v])
                    Assert.AreEqual(before[c * Count + v], colours[c * Count + v], $"vertex {v} was known");
                else
                    Assert.IsTrue(colours[c * Count + v] >= low
                        && colours[c * Count + v] <= high, $"vertex {v}: {colours[c * Count + v]} is not within {low} and {high}");
            }
        }
    }

    // On the front, the colour encodes the height: the hidden back gets the colours of its heights.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TheBackTakesTheColoursAtItsOwnHeight(bool median)
    {
        float[] rest = s_body.Data.Template;
        bool[] known = [.. Enumerable.Range(0, Count).Select(v => rest[3 * v + 2] > 0.02f)];
        float[] colours = new float[3 * Count];
        for (int i = 0; i < colours.Length; i++)
            colours[i] = known[i % Count] ? Colour(i % Count) : 0;
        s_fill.Solve(colours, known, median);
        bool[] torso = new bool[Count];
        for (int i = 0; i < s_body.Faces.Length; i++)
            torso[s_body.Faces[i]] |= (BodyPart)s_body.Surface.Part[i / 3] == BodyPart.Torso;
        double[] errors = [.. Enumerable.Range(0, Count).Where(v => torso[v] && !known[v] && rest[3 * v + 1] is > -0.2f and < 0.15f)
            .Select(v => Math.Abs((double)colours[v] - Colour(v)))];
        Assert.IsGreaterThan(100, errors.Length);
        Assert.IsLessThan(0.1, errors.Average(), "mean error of a wave of amplitude 1 and 0.3 m length");

        float Colour(int v) => MathF.Sin(MathF.Tau * rest[3 * v + 1] / 0.3f);
    }

    // A patch of sunlight on one side of a front: the back keeps the colour of the larger part of its height.
    [TestMethod]
    public void APatchOnOneSideDoesNotSpreadOverTheBack()
    {
        float[] rest = s_body.Data.Template;
        bool[] torso = new bool[Count];
        for (int i = 0; i < s_body.Faces.Length; i++)
            torso[s_body.Faces[i]] |= (BodyPart)s_body.Surface.Part[i / 3] == BodyPart.Torso;
        bool[] known = [.. Enumerable.Range(0, Count).Select(v => rest[3 * v + 2] > 0.02f)];
        float[] colours = new float[3 * Count];
        for (int i = 0; i < colours.Length; i++)
            colours[i] = known[i % Count] ? IsPatch(i % Count) ? 1 : -0.5f : 0;
        s_fill.Solve(colours, known, median: true);
        int[] back = [.. Enumerable.Range(0, Count).Where(v => torso[v] && !known[v] && rest[3 * v + 1] is > -0.1f and < 0.1f
            && rest[3 * v + 2] < -0.05f)];
        Assert.IsGreaterThan(50, back.Length);
        Assert.IsLessThan(-0.2f, back.Max(v => colours[v]), "the mean is up to 0");

        bool IsPatch(int v) => rest[3 * v] is > 0.05f and < 0.12f;
    }

    [TestMethod]
    public void WithNothingKnownNothingChanges()
    {
        float[] colours = [.. Enumerable.Range(0, 3 * Count).Select(i => i % 7 / 7f)], before = [.. colours];
        s_fill.Solve(colours, new bool[Count], median: true);
        Assert.IsTrue(before.AsSpan().SequenceEqual(colours));
    }
}
