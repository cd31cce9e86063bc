using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Generation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Compares composition, warping and erosion of the published release with its plain formulas, and tests that saved settings are
/// restored.</summary>
[TestClass]
public sealed class PublishedReleaseTests
{
    private const int S = TestBody.Size, Plane = S * S, TrainedKernel = 13;

    // A picture has 8 bits: half a step of 2/255, and rounding.
    private const double HalfStep = 1 / 255.0 + 1e-5;

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void AViewIsComposedOverZeros()
    {
        IDataView made = View(new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true, WithLayers = true },
            new ConstantGenerator(TestBody.Body));
        float[] image = Picture(made, "TargetImage");
        for (int i = 0; i < 3 * Plane; i++)
            Assert.AreEqual((1 - ConstantGenerator.Mask) * ConstantGenerator.Color[i / Plane], image[i], HalfStep, $"element {i}");
        Assert.IsTrue(First(made, "TargetBackground").All(v => v == 0));
    }

    [TestMethod]
    public void AReplacedBackgroundIsAddedToTheSourceOutsideOfItsMaskAndNotClamped()
    {
        IDataView made = View(new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true, WithLayers = true,
            Background = TransferBackground.AddedToSource }, new ConstantGenerator(TestBody.Body));
        float[] source = Picture(made, "SourceImage"), condition = First(made, "SourceCondition"),
            background = First(made, "TargetBackground"), image = Picture(made, "TargetImage");
        bool[] open = Eroded(condition, TrainedKernel);
        int beyond = 0;
        for (int i = 0; i < 3 * Plane; i++)
        {
            float m = open[i % Plane] ? 1 : 0, expected = source[i] * m + ConstantGenerator.Background[i / Plane] * m;
            Assert.AreEqual(expected, background[i], 1e-6, $"background, element {i}");
            double composed = ConstantGenerator.Mask * (double)expected + (1 - ConstantGenerator.Mask) * ConstantGenerator.Color[i / Plane];
            Assert.AreEqual(Math.Clamp(composed, -1, 1), image[i], HalfStep, $"picture, element {i}");
            beyond += Math.Abs(expected) > 1.2 ? 1 : 0;
        }
        Assert.IsGreaterThan(100, beyond, "The picture is noise: some sums leave [-1,1].");
        Assert.IsTrue(open.Contains(true) && open.Contains(false));
    }

    [TestMethod]
    public void WithoutThePresetAViewKeepsTheBackground()
    {
        float[] image = Picture(View(new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S, FrontWarp = FrontWarpMode.None,
            KeepsNearSource = false }, new ConstantGenerator(TestBody.Body)), "TargetImage");
        for (int i = 0; i < 3 * Plane; i++)
            Assert.AreEqual(ConstantGenerator.Composed(i / Plane), image[i], HalfStep);
        // A colour is as requested, regardless of the release's behaviour.
        image = Picture(View(new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true,
            BackgroundColor = new Rgb(255, 255, 255) }, new ConstantGenerator(TestBody.Body)), "TargetImage");
        for (int i = 0; i < 3 * Plane; i++)
            Assert.AreEqual(ConstantGenerator.Mask + (1 - ConstantGenerator.Mask) * ConstantGenerator.Color[i / Plane], image[i], HalfStep);
    }

    [TestMethod]
    [DataRow(false, 1f)]
    [DataRow(true, S / (S - 1f))]
    public void KeptPartsAreSampledOnTheCornerAlignedGrid(bool asPublished, float stretched)
    {
        using LiquidWarpingGenerator generator = Tiny(alignCorners: false);
        IDataView made = Swap(new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S, AsPublished = asPublished,
            Parts = ["upper"] }, generator);
        float[] flow = First(made, "T"), kept = First(made, "KeptMap"), warped = First(made, "TargetWarped"),
            source = Picture(made, "SourceImage"), borrowed = First(made, "ReferenceT"), reference = Picture(made, "ReferenceImage");
        Assert.IsGreaterThan(50, kept.Count(k => k == 1));
        for (int i = 0; i < Plane; i++)
        {
            for (int c = 0; c < 2; c++)
            {
                // Centre k of S pixels in the generator's own sampling is (2k + 1 - S) / S; aligned corners stretch that.
                int k = c == 0 ? i % S : i / S;
                Assert.AreEqual(kept[i] == 1 ? stretched * (2 * k + 1 - S) / S : -2, flow[2 * i + c], 1e-6, $"pixel {i}");
            }
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(Sample(source, c, flow[2 * i], flow[2 * i + 1])
                    + Sample(reference, c, borrowed[2 * i], borrowed[2 * i + 1]), warped[c * Plane + i], 1e-4, $"pixel {i}");
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void OfKeptPartsTheSourcesFacialFrontIsTakenFromItsPicture(bool preset)
    {
        using LiquidWarpingGenerator generator = Tiny(alignCorners: true);
        IDataView made = Swap(new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S, AsPublished = preset,
            KeptParts = FrontWarpMode.AsPublished, WithLayers = true, Parts = ["all"] }, generator);
        int[] faces = made.GetColumn<int[]>("SourceFaceIndex").First();
        float[] color = First(made, "TargetColor"), mask = First(made, "TargetMask"), background = First(made, "TargetBackground"),
            source = Picture(made, "SourceImage"), image = Picture(made, "TargetImage");
        int front = 0;
        for (int i = 0; i < 3 * Plane; i++)
        {
            int p = i % Plane;
            double f = faces[p] >= 0 && TestBody.Body.Surface.Front[faces[p]] ? 1
                : 0, m = mask[p], composed = m * background[i] + (1 - m) * color[i];
            Assert.AreEqual((1 - f) * composed + f * (1 - m) * source[i], image[i], HalfStep, $"element {i}");
            front += (int)f;
        }
        // No part is kept, but the face is that of the source, because all parts are transferred.
        Assert.IsGreaterThan(10, front);
        Assert.IsTrue(First(made, "KeptMap").All(k => k == 0));
    }

    [TestMethod]
    public void ThePresetComposesWithoutAnyFront()
    {
        using LiquidWarpingGenerator generator = Tiny(alignCorners: true);
        foreach (IDataView made in (IDataView[])[
            Swap(new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true, WithLayers = true },
            generator), Motion(new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true, WithLayers = true },
            generator)])
        {
            float[] color = First(made, "TargetColor"), mask = First(made, "TargetMask"), background = First(made, "TargetBackground"),
                image = Picture(made, "TargetImage");
            for (int i = 0; i < 3 * Plane; i++)
                Assert.AreEqual(mask[i % Plane] * background[i] + (1 - mask[i % Plane]) * color[i], image[i], HalfStep, $"element {i}");
            Assert.IsNull(made.Schema.GetColumnOrNull("TargetFrontMap"), "A body that marks no front will do.");
        }
    }

    [TestMethod]
    public void AnAskedForFrontIsComposedAsPublished()
    {
        using LiquidWarpingGenerator generator = Tiny(alignCorners: true);
        IDataView made = Motion(new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true, WithLayers = true,
            FrontWarp = FrontWarpMode.AsPublished }, generator);
        float[] color = First(made, "TargetColor"), mask = First(made, "TargetMask"), background = First(made, "TargetBackground"),
            image = Picture(made, "TargetImage");
        float[] front = First(made, "TargetFrontMap"), warped = First(made, "TargetWarped");
        for (int i = 0; i < 3 * Plane; i++)
        {
            double f = front[i % Plane], m = mask[i % Plane];
            Assert.AreEqual(Math.Clamp((1 - f) * (m * background[i] + (1 - m) * color[i]) + warped[i] * f * (1 - m), -1, 1), image[i],
                HalfStep, $"element {i}");
        }
        Assert.IsTrue(front.Contains(1));
    }

    [TestMethod]
    public void TheBackgroundIsErodedByTheSquareOfTheTraining()
    {
        using var generator = new LiquidWarpingGenerator(
            TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash) with { ImageSize = 256, BackgroundKernel = TrainedKernel }));
        foreach ((IDataView made, int kernel) in new[]
        {
            (Motion(new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true }, generator), TrainedKernel),
            (Swap(new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true }, generator), TrainedKernel),
            (View(new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true }, generator), TrainedKernel),
            (View(new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true, BackgroundKernel = 5 },
            generator), 5),
            (View(new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S }, generator), TrainedKernel * S / 256 | 1),
        })
        {
            float[] mask = First(made, "SourceBackgroundInput")[(3 * Plane)..];
            CollectionAssert.AreEqual(Eroded(First(made, "SourceCondition"), kernel).Select(o => o ? 1f : 0f).ToArray(), mask, $"{kernel}");
        }
    }

    [TestMethod]
    public void OnlyVisibleDropsTheLowestFaceOfAPictureWithoutBackground()
    {
        float[] points = [.. Enumerable.Range(1, 6 * TestBody.Body.FaceCount).Select(i => i / 1e5f)];
        int[] everywhere = [.. Enumerable.Range(0, Plane).Select(i => 3 + i % 4)],
            withBackground = [.. everywhere.Select((f, i) => i == 70 ? -1 : f)];
        foreach ((int[] seen, int[] gone) in new[] { (everywhere, new[] { 3 }), (withBackground, []) })
        {
            Check(seen, asPublished: true, gone);
            Check(seen, asPublished: false, []);
        }

        void Check(int[] sourceFaces, bool asPublished, int[] gone)
        {
            // The target shows faces 0 to 7, of which the source shows 3 to 6, with weight 1 at the first corner.
            int[] targetFaces = [.. Enumerable.Range(0, Plane).Select(i => i % 8)];
            var row = new FlowRow { SourcePoints = points, SourceFaceIndex = sourceFaces, TargetFaceIndex = targetFaces,
                TargetWeights = [.. Enumerable.Range(0, 3 * Plane).Select(i => i % 3 == 0 ? 1f : 0f)] };
            SchemaDefinition columns = SchemaDefinition.Create(typeof(FlowRow));
            columns["SourcePoints"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, TestBody.Body.FaceCount, 3, 2);
            IDataView data = _context.Data.LoadFromEnumerable([row], columns);
            float[] flow = First(Loaded(_context.Transforms.ComputeTransformationFlow(
                new ComputeTransformationFlowOptions { OnlyVisible = true, OnlyVisibleAsPublished = asPublished }).Fit(data), data), "T");
            for (int i = 0; i < Plane; i++)
            {
                int f = targetFaces[i];
                bool visible = f is >= 3 and <= 6 && !gone.Contains(f);
                Assert.AreEqual(visible ? points[6 * f] : -2, flow[2 * i], $"face {f}");
                Assert.AreEqual(visible ? points[6 * f + 1] : -2, flow[2 * i + 1], $"face {f}");
            }
            var swap = new SwapRow { ReferencePoints = points, ReferenceFaceIndex = sourceFaces, SourceFaceIndex = targetFaces,
                SourceWeights = row.TargetWeights };
            columns = SchemaDefinition.Create(typeof(SwapRow));
            columns["ReferencePoints"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, TestBody.Body.FaceCount, 3, 2);
            data = _context.Data.LoadFromEnumerable([swap], columns);
            var options = new ComputeAppearanceFlowOptions { Parts = ["all"], OnlyVisible = true, OnlyVisibleAsPublished = asPublished };
            CollectionAssert.AreEqual(flow,
                First(Loaded(_context.Transforms.ComputeAppearanceFlow(options, TestBody.Body).Fit(data), data), "ReferenceT"));
        }
    }

    [TestMethod]
    public void UnsupportedGeneratorsAreRefused()
    {
        using LiquidWarpingGenerator generator = Tiny(alignCorners: true);
        using var refined = new LiquidWarpingGenerator(
            TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash, background: BackgroundComposition.RefinedFill)));
        using var sharp = new SharpGenerator(TestBody.Body, Tiny(alignCorners: true));
        foreach (TransferGenerator other in (TransferGenerator[])[new TextureWarpGenerator(TestBody.Body), sharp, refined])
        {
            foreach (Action make in (Action[])[
                () => _context.Transforms.ImitateMotion(other, new ImitateMotionOptions { AsPublished = true }, TestBody.Body),
                () => _context.Transforms.TransferAppearance(other, new TransferAppearanceOptions { AsPublished = true }, TestBody.Body),
                () => _context.Transforms.SynthesizeView(other, new SynthesizeViewOptions { AsPublished = true }, TestBody.Body)])
                StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(make).Message, "AsPublished");
        }
        Assert.ThrowsExactly<ArgumentException>(() =>
            _context.Transforms.ImitateMotion(generator, new ImitateMotionOptions { AsPublished = true, Sharp = true }, TestBody.Body));
        Assert.ThrowsExactly<ArgumentException>(() =>
            _context.Transforms.GenerateTransfer(new TextureWarpGenerator(BodyModel.Default),
            new GenerateTransferOptions { Background = TransferBackground.Nothing, BackgroundColor = new Rgb(1, 2, 3) }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _context.Transforms.GenerateTransfer(new TextureWarpGenerator(BodyModel.Default),
            new GenerateTransferOptions { Background = (TransferBackground)9 }));
    }

    [TestMethod]
    public void ThePresetsGoThroughTheCheckOfEveryEstimator()
    {
        using LiquidWarpingGenerator generator = Tiny(alignCorners: false);
        EstimatorCheck<Row, Generated>.Run(_context, _context.Transforms.SynthesizeView(
            generator, new SynthesizeViewOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true, OnlyVisible = true,
            Background = TransferBackground.AddedToSource, FrontWarp = FrontWarpMode.AsPublished, WithLayers = true }, TestBody.Body), Rows,
            Shapes);
        EstimatorCheck<Row, Generated>.Run(_context, _context.Transforms.TransferAppearance(
            generator, new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S, AsPublished = true, OnlyVisible = true,
            KeptParts = FrontWarpMode.AsPublished, WithLayers = true }, TestBody.Body), Rows, Shapes);
    }

    [TestMethod]
    public void DefaultsOfSamplingAgree()
    {
        Assert.IsTrue(new GeneratorShape().AlignCorners);
        Assert.AreEqual(new GeneratorShape().AlignCorners, new AssembleTransferInputOptions().AlignCorners);
        Assert.AreEqual(new GeneratorShape().AlignCorners, new ComputeAppearanceFlowOptions().AlignCorners);
        Assert.AreEqual(new GeneratorShape().AlignCorners, new RecoverBodyFlowOptions().AlignCorners);
        Assert.AreEqual(new GeneratorShape().AlignCorners, new Lwg.MLNet.Synthesis.Verification.VerificationSettings().AlignCorners);
    }

    // Computes erosion by its definition: pixels outside the picture count as background.
    private static bool[] Eroded(float[] condition, int kernel) => [.. Enumerable.Range(0, Plane).Select(i =>
    {
        for (int y = i / S - kernel / 2; y <= i / S + kernel / 2; y++)
        {
            for (int x = i % S - kernel / 2; x <= i % S + kernel / 2; x++)
            {
                if (x is >= 0 and < S && y is >= 0 and < S && condition[2 * Plane + y * S + x] != 1)
                    return false;
            }
        }
        return true;
    })];

    // Samples bilinearly, with zero outside and -1 and 1 on the outer edges.
    private static double Sample(float[] picture, int channel, double u, double v)
    {
        double x = ((u + 1) * S - 1) / 2, y = ((v + 1) * S - 1) / 2, sum = 0;
        for (int dy = 0; dy < 2; dy++)
        {
            for (int dx = 0; dx < 2; dx++)
            {
                int cx = (int)Math.Floor(x) + dx, cy = (int)Math.Floor(y) + dy;
                if (cx is >= 0 and < S && cy is >= 0 and < S)
                    sum += picture[channel * Plane + cy * S + cx] * (1 - Math.Abs(x - cx)) * (1 - Math.Abs(y - cy));
            }
        }
        return sum;
    }

    private static LiquidWarpingGenerator Tiny(bool alignCorners) =>
        new(TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash,
        new GeneratorShape { Width = 2, Blocks = 2, AlignCorners = alignCorners })));

    private IDataView View(SynthesizeViewOptions options, TransferGenerator generator) =>
        Run(_context.Transforms.SynthesizeView(generator, options, TestBody.Body));

    private IDataView Swap(TransferAppearanceOptions options, TransferGenerator generator) =>
        Run(_context.Transforms.TransferAppearance(generator, options, TestBody.Body));

    private IDataView Motion(ImitateMotionOptions options, TransferGenerator generator) =>
        Run(_context.Transforms.ImitateMotion(generator, options, TestBody.Body));

    private IDataView Run(IEstimator<ITransformer> chain)
    {
        IDataView data = _context.Data.LoadFromEnumerable(Rows);
        return chain.Fit(data).Transform(data);
    }

    // Applies the saved and loaded model, to test that options are restored.
    private IDataView Loaded(ITransformer model, IDataView data)
    {
        using var stream = new MemoryStream();
        _context.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        return new MLContext().Model.Load(stream, out _).Transform(data);
    }

    private static float[] First(IDataView data, string column) => data.GetColumn<float[]>(column).First();

    private static float[] Picture(IDataView data, string column)
    {
        // Not disposed, because the pictures belong to the rows.
        MLImage image = data.GetColumn<MLImage>(column).First();
        float[] tensor = new float[3 * image.Width * image.Height];
        ImageCodec.ToTensor(image, tensor);
        return tensor;
    }

    private static (string, int[])[] Shapes =>
        [("SourceSmpl", [85]), ("ReferenceSmpl", [85]), ("ReferenceOrigin", [85]), ("ViewAngles", [3]), ("ViewTranslation", [3])];

    private static Row[] Rows => [.. Enumerable.Range(1, 2).Select(i => new Row
    {
        SourceImage = TestBody.Picture(1), SourceSmpl = TestBody.Smpl(9), ReferenceImage = TestBody.Picture(1 + i),
        ReferenceSmpl = TestBody.Smpl(i), ReferenceOrigin = TestBody.Smpl(4),
        ViewAngles = [5, 10 * i, 0], ViewTranslation = [0.05f, 0, 0],
    })];

    private sealed class Row
    {
        [VectorType(85)] public float[] SourceSmpl { get; set; } = [];
        [VectorType(85)] public float[] ReferenceSmpl { get; set; } = [];
        [VectorType(85)] public float[] ReferenceOrigin { get; set; } = [];
        [VectorType(3)] public float[] ViewAngles { get; set; } = [];
        [VectorType(3)] public float[] ViewTranslation { get; set; } = [];
        [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!;
        [ImageType(S, S)] public MLImage ReferenceImage { get; set; } = null!;
    }

    private sealed class FlowRow
    {
        [VectorType] public float[] SourcePoints { get; set; } = [];
        [VectorType(S, S)] public int[] SourceFaceIndex { get; set; } = [];
        [VectorType(S, S)] public int[] TargetFaceIndex { get; set; } = [];
        [VectorType(S, S, 3)] public float[] TargetWeights { get; set; } = [];
    }

    private sealed class SwapRow
    {
        [VectorType] public float[] ReferencePoints { get; set; } = [];
        [VectorType(S, S)] public int[] ReferenceFaceIndex { get; set; } = [];
        [VectorType(S, S)] public int[] SourceFaceIndex { get; set; } = [];
        [VectorType(S, S, 3)] public float[] SourceWeights { get; set; } = [];
    }

    private sealed class Generated
    {
        [ImageType(S, S)] public MLImage TargetImage { get; set; } = null!;
        public float[] TargetMask { get; set; } = [];
        public float[] TargetBackground { get; set; } = [];
    }
}
