using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests generators that read the networks' inputs and do not keep the face themselves, with GenerateTransfer and
/// ImitateMotion.</summary>
[TestClass]
public sealed class LearnedGeneratorTests
{
    private const int S = TestBody.Size;
    private const int Plane = S * S;

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(FrontWarpMode.None)]
    [DataRow(FrontWarpMode.Blend)]
    [DataRow(FrontWarpMode.AsPublished)]
    public void TheFaceIsWarpedByTheFormula(FrontWarpMode mode)
    {
        var generator = new ConstantGenerator(BodyModel.Default);
        IDataView data = Data();
        IDataView frames = Chain(generator, mode).Fit(data).Transform(data);
        int face = 0;
        foreach (Frame frame in _context.Data.CreateEnumerable<Frame>(frames, reuseRowObject: false, ignoreMissingColumns: true))
        {
            byte[] bgra = frame.TargetImage.Pixels.ToArray();
            for (int i = 0; i < Plane; i++)
            {
                float f = mode == FrontWarpMode.None ? 0 : frame.TargetFrontMap[i] * (mode == FrontWarpMode.Blend ? frame.SeenMap[i] : 1);
                face += (int)f;
                for (int c = 0; c < 3; c++)
                {
                    const float M = ConstantGenerator.Mask;
                    float picture = ConstantGenerator.Composed(c), warped = frame.TargetWarped[c * Plane + i];
                    float expected = mode == FrontWarpMode.AsPublished ? (1 - f) * picture + f * (1 - M) * warped
                        : picture + f * (1 - M) * (warped - picture);
                    Assert.AreEqual((expected + 1) * 127.5, bgra[4 * i + 2 - c], 0.5 + 1e-3, $"pixel {i}, channel {c}: rounded to 8 bits");
                    Assert.AreEqual(ConstantGenerator.Color[c], frame.TargetColor[c * Plane + i]);
                    Assert.AreEqual(ConstantGenerator.Background[c], frame.TargetBackground[c * Plane + i]);
                }
                Assert.AreEqual(ConstantGenerator.Mask, frame.TargetMask[i]);
            }
        }
        Assert.AreEqual(mode != FrontWarpMode.None, face > 20, $"{face} pixels of two faces that look at the viewer");
        Assert.AreEqual((1, 2), (generator.Prepared, generator.Generated), "One source, two targets.");
    }

    [TestMethod]
    public void WithoutAFrontWarpItsColumnsAreNotNeeded()
    {
        IDataView data = Data();
        IEstimator<ITransformer> chain = Chain(new ConstantGenerator(BodyModel.Default), FrontWarpMode.Blend)
            .Append(_context.Transforms.DropColumns("TargetFrontMap", "TargetWarped"))
            .Append(_context.Transforms.GenerateTransfer(
                new ConstantGenerator(BodyModel.Default),
                new GenerateTransferOptions { OutputPrefix = "Plain", FrontWarp = FrontWarpMode.None }));
        byte[] bgra = chain.Fit(data).Transform(data).GetColumn<MLImage>("PlainImage").First().Pixels.ToArray();
        for (int i = 0; i < bgra.Length; i += 4)
            CollectionAssert.AreEqual(bgra[..4], bgra[i..(i + 4)]);
    }

    [TestMethod]
    public void AnInputSampledInTheOtherWayIsASchemaError()
    {
        IEstimator<ITransformer> chain = Chain(new ConstantGenerator(BodyModel.Default, alignCorners: false), FrontWarpMode.Blend);
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(Data())).Message;
        foreach (string part in (string[])["'GenerateTransfer'", "'TargetTransferInput'", "AlignCorners = True", "AlignCorners = False"])
            StringAssert.Contains(message, part);
    }

    [TestMethod]
    public void AGeneratorOfAnotherBodyIsASchemaError()
    {
        IEstimator<ITransformer> chain = Chain(new ConstantGenerator(Fixture.SurfacedBody), FrontWarpMode.Blend);
        string message = Assert.ThrowsExactly<BodyMismatchException>(() => chain.Fit(Data())).Message;
        StringAssert.Contains(message, "'GenerateTransfer'");
        StringAssert.Contains(message, "'SourceBackgroundInput'");
    }

    [TestMethod]
    public void SavingAGeneratorThatCannotBeSavedSaysSoAndLeavesNothing()
    {
        IDataView data = Data();
        ITransformer model = Chain(new ConstantGenerator(BodyModel.Default), FrontWarpMode.Blend).Fit(data);
        using var folder = new TemporaryFolder();
        var error = Assert.ThrowsExactly<NotSupportedException>(
            () => AtomicFile.Write(Path.Combine(folder.Path, "model.zip"), stream => _context.Model.Save(model, data.Schema, stream)));
        StringAssert.Contains(error.Message, "'GenerateTransfer'");
        StringAssert.Contains(error.Message, nameof(ConstantGenerator));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    private IEstimator<ITransformer> Chain(ConstantGenerator generator, FrontWarpMode mode) => _context.Transforms.ImitateMotion(
        generator, new ImitateMotionOptions { KeepIntermediate = true, KeepsNearSource = false, ImageSize = S,
        Strategy = CameraStrategy.Source, FrontWarp = mode, WithLayers = true, AlignCorners = true });

    private IDataView Data() => _context.Data.LoadFromEnumerable(
        new[] { 1, 2 }.Select(i => new Row { SourceImage = TestBody.Picture(1), SourceSmpl = TestBody.Smpl(9),
        ReferenceSmpl = TestBody.Smpl(i) }));

    private sealed class Row
    {
        [VectorType(85)]
        public float[] SourceSmpl { get; set; } = [];

        [VectorType(85)]
        public float[] ReferenceSmpl { get; set; } = [];

        [ImageType(S, S)]
        public MLImage SourceImage { get; set; } = null!;
    }

    private sealed class Frame
    {
        public float[] TargetFrontMap { get; set; } = [];

        public float[] SeenMap { get; set; } = [];

        public float[] TargetWarped { get; set; } = [];

        public float[] TargetColor { get; set; } = [];

        public float[] TargetMask { get; set; } = [];

        public float[] TargetBackground { get; set; } = [];

        [ImageType(S, S)]
        public MLImage TargetImage { get; set; } = null!;
    }
}
