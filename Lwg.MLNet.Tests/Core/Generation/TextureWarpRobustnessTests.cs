using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Tests that the texture warp is deterministic, allocates nothing per frame and handles unusual input.</summary>
[TestClass]
public class TextureWarpRobustnessTests
{
    private const int Size = PaintedPeople.Size;

    private static readonly SamplePerson s_person = SamplePerson.All[1];

    private static readonly BodyMap[] s_targets =
        [.. ((string[])["walk", "dance", "turn"]).Select(m => BodyMap.Render(PaintedPeople.TargetSmpl(s_person, m, 0.4), Size))];

    private static readonly Lazy<TransferResult[]> s_alone = new(() => [.. s_targets.Select(t => PaintedPeople.Transfer(Source, t))]);

    private static PaintedPerson Source => PaintedPeople.Source(s_person);

    [TestMethod]
    public void EqualInputGivesEqualBits()
    {
        var reused = new TransferResult(Size);
        using ITransferWorker worker = PaintedPeople.Generator.CreateWorker(Size);
        worker.Prepare(PaintedPeople.SourceFrame(PaintedPeople.Source(SamplePerson.All[2]).Image,
            PaintedPeople.Source(SamplePerson.All[2]).Map));
        worker.Generate(PaintedPeople.TargetFrame(s_targets[0]), reused);
        worker.Prepare(PaintedPeople.SourceFrame(Source.Image, Source.Map));
        // Backwards and twice: nothing depends on earlier frames.
        foreach (int k in (int[])[2, 0, 0, 1, 2])
        {
            worker.Generate(PaintedPeople.TargetFrame(s_targets[k]), reused);
            AreEqual(s_alone.Value[k], reused, $"target {k} on a worker that has drawn others");
        }
    }

    [TestMethod]
    public void TwoThreadsGiveTheBitsOfOne()
    {
        TransferResult[] alone = s_alone.Value, together = new TransferResult[4];
        Parallel.For(0, together.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            together[i] = PaintedPeople.Transfer(Source.Image, Source.Map, s_targets[i % alone.Length]));
        for (int i = 0; i < together.Length; i++)
            AreEqual(alone[i % alone.Length], together[i], $"target {i % alone.Length} beside others");
    }

    [TestMethod]
    public void ATargetAllocatesNothing()
    {
        var result = new TransferResult(Size);
        using ITransferWorker worker = PaintedPeople.Generator.CreateWorker(Size);
        worker.Prepare(PaintedPeople.SourceFrame(Source.Image, Source.Map));
        // The first frames trigger JIT compilation.
        for (int i = 0; i < 3; i++)
            worker.Generate(PaintedPeople.TargetFrame(s_targets[i]), result);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 6; i++)
            worker.Generate(PaintedPeople.TargetFrame(s_targets[i % 3]), result);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before, "bytes allocated by six frames");
    }

    [TestMethod]
    [DataRow(32)]
    [DataRow(100)]
    [DataRow(256)]
    public void AnySizeWorks(int size)
    {
        float[] smpl = [.. s_person.Smpl];
        BodyMap source = BodyMap.Render(smpl, size), target = BodyMap.Render(PaintedPeople.TargetSmpl(s_person, "wave", 0.5), size);
        float[] picture = new PersonPainter(BodyModel.Default).Paint(smpl, s_person.Look, size).ToTensor();
        TransferResult result = PaintedPeople.Transfer(picture, source, target);
        IsSound(result, $"size {size}");
        double overlap = MaskOverlap.IntersectionOverUnion(PaintedPeople.Person(result), target.Silhouette);
        // At 32 pixels an arm is one pixel wide, mostly edge.
        Assert.IsGreaterThanOrEqualTo(size < 64 ? 0.6 : 0.8, overlap);
    }

    [TestMethod]
    [DataRow("source outside the picture")]
    [DataRow("source covers everything")]
    [DataRow("source seen inside out")]
    [DataRow("source all back faces, maps as they are")]
    [DataRow("target outside the picture")]
    [DataRow("target covers everything")]
    [DataRow("constant picture")]
    [DataRow("black and white noise")]
    [DataRow("one pixel of source")]
    [DataRow("one pixel of target")]
    public void UnusualInputGivesAValidPicture(string what)
    {
        float[] smpl = [.. s_person.Smpl], outside = [.. smpl], near = [.. smpl], image = Source.Image;
        outside[1] += 5;
        near[0] = 40;
        // A close-up of a small part of the belly.
        (near[1], near[2]) = (0, 0.37f);
        BodyMap source = Source.Map, target = s_targets[0];
        switch (what)
        {
            case "source outside the picture":
                source = BodyMap.Render(outside, Size);
                Assert.IsTrue(source.FaceIndex.All(f => f < 0));
                break;
            case "source covers everything":
                source = BodyMap.Render(near, Size);
                Assert.IsTrue(source.FaceIndex.All(f => f >= 0));
                break;
            case "source seen inside out":
                source = Mirrored(source) with { FaceIndex = [.. source.FaceIndex.Select(_ => -1)] };
                break;
            case "source all back faces, maps as they are":
                source = Mirrored(source);
                break;
            case "target outside the picture":
                target = BodyMap.Render(outside, Size);
                break;
            case "target covers everything":
                target = BodyMap.Render(near, Size);
                break;
            case "constant picture":
                // Patches are copied as bytes.
                image = [.. Enumerable.Repeat(PixelBuffer.ToUnit(159), image.Length)];
                break;
            case "black and white noise":
                var random = new Random(9);
                image = [.. image.Select(_ => random.Next(2) == 0 ? -1f : 1)];
                break;
            case "one pixel of source":
                source = OnlyOne(source);
                break;
            case "one pixel of target":
                target = OnlyOne(target);
                break;
            default:
                Assert.Fail(what);
                break;
        }
        TransferResult result = PaintedPeople.Transfer(image, source, target);
        IsSound(result, what);
        if (what.StartsWith("target outside", StringComparison.Ordinal))
        {
            Assert.IsTrue(result.Mask.All(m => m == 1), "without a target there is background alone");
            Assert.IsTrue(result.Image.AsSpan().SequenceEqual(result.Background), "without a target there is background alone");
        }
        if (what == "constant picture")
            Fixture.AreClose(image, result.Image, 1e-3, "a picture of one colour gives that colour everywhere");
    }

    [TestMethod]
    public void WrongSizesAreTypedErrors()
    {
        TextureWarpGenerator generator = PaintedPeople.Generator;
        float[] image = Source.Image, points = Source.Map.Points;
        int[] faces = Source.Map.FaceIndex;
        Assert.ThrowsExactly<ArgumentException>(() => generator.Analyse(image.AsSpan(1), points, faces, Size));
        Assert.ThrowsExactly<ArgumentException>(() => generator.Analyse(image, points.AsSpan(6), faces, Size));
        Assert.ThrowsExactly<ArgumentException>(() => generator.Analyse(image, points, faces.AsSpan(1), Size));
        Assert.ThrowsExactly<ArgumentException>(() => generator.Analyse(image, points, faces, Size + 1));
        Assert.ThrowsExactly<ArgumentNullException>(() => new TextureWarpGenerator(null!));
        Assert.ThrowsExactly<ArgumentException>(() => PersonMatte.Estimate(image, faces, Size, new float[5]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TransferResult(0));

        TextureWarpSource source = generator.Analyse(image, points, faces, Size);
        var target = new TextureWarpTarget(Size);
        var result = new TransferResult(Size);
        float[] weights = s_targets[0].Weights;
        Assert.ThrowsExactly<ArgumentException>(() =>
            new TextureWarpTarget(Size / 2).Draw(source, faces, weights, result), "a source of another size");
        Assert.ThrowsExactly<ArgumentException>(() => target.Draw(source, faces, weights, new TransferResult(Size - 1)));
        Assert.ThrowsExactly<ArgumentException>(() => target.Draw(source, faces.AsSpan(1), weights, result));
        Assert.ThrowsExactly<ArgumentException>(() => target.Draw(source, faces, weights.AsSpan(1), result));
        Assert.ThrowsExactly<ArgumentNullException>(() => target.Draw(null!, faces, weights, result));
        using ITransferWorker worker = generator.CreateWorker(Size);
        Assert.ThrowsExactly<InvalidOperationException>(() =>
            worker.Generate(PaintedPeople.TargetFrame(s_targets[0]), result), "no source was prepared");
    }

    private static BodyMap Mirrored(BodyMap map) => map with { Points = [.. map.Points.Select((x, i) => i % 2 == 0 ? -x : x)] };

    private static BodyMap OnlyOne(BodyMap map)
    {
        int one = Array.FindIndex(map.FaceIndex, Size * Size / 2, f => f >= 0);
        return map with { FaceIndex = [.. map.FaceIndex.Select((f, i) => i == one ? f : -1)],
            Weights = [.. map.Weights.Select((w, i) => i / 3 == one ? w : 0)] };
    }

    private static void IsSound(TransferResult result, string what)
    {
        foreach ((string layer, float[] values, float low) in new[] { ("image", result.Image, -1f), ("colour", result.Color, -1f),
            ("mask", result.Mask, 0f), ("background", result.Background, -1f) })
        {
            // Averages and blends of values within the range differ only by rounding.
            int i = Array.FindIndex(values, x => !(x >= low - 1e-4f && x <= 1 + 1e-4f));
            Assert.AreEqual(-1, i, $"{what}: the {layer} has {(i < 0 ? 0 : values[i])} at {i}, which is not within {low} and 1");
        }
    }

    private static void AreEqual(TransferResult expected, TransferResult actual, string what)
    {
        foreach ((float[] a, float[] b) in new[] { (expected.Image, actual.Image), (expected.Color, actual.Color),
            (expected.Mask, actual.Mask), (expected.Background, actual.Background) })
            Assert.IsTrue(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(a)
                .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(b)), what);
    }
}
