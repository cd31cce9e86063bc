using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Tests.Generation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Warping;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests that the picture approaches the photograph as the target approaches the source.</summary>
[TestClass]
public sealed class NearSourceTests
{
    private const int LeftShoulder = 16, RightShoulder = 17, RightHip = 2;

    private static readonly MLContext s_context = new(seed: 1);

    // The result equals the photograph, to one 8-bit level: at least 52 dB.
    [TestMethod]
    [DataRow("texture", 128)]
    [DataRow("texture", 256)]
    [DataRow("texture", 512)]
    [DataRow("network", 128)]
    [DataRow("sharp", 256)]
    [DataRow("sharp", 512)]
    [DataRow("constant", 256)]
    [DataRow("constant", 1024)]
    public void InTheSourcesOwnPoseThePictureIsThePhotograph(string generator, int size)
    {
        foreach (bool masked in (bool[])[false, true])
        {
            PaintedPerson person = Person(size);
            float[] made = Imitate(person, person.Smpl, generator, masked);
            Assert.IsLessThan(1.5 / 127.5, Enumerable.Range(0, made.Length).Max(i => Math.Abs(made[i] - person.Image[i])),
                $"the largest difference, of 2; with mask: {masked}");
        }
    }

    // A body that bends more and more: the error within the person, compared with the painted truth, grows evenly. The test compares the
    // increase per degree between two poses with that of the adjacent steps.
    [TestMethod]
    [DataRow("texture", 2)]
    // The worst possible generator: everything that is not from the photograph has one colour.
    [DataRow("constant", 3)]
    public void TheErrorGrowsEvenlyWithTheDistanceFromTheSourcesPose(string generator, int times)
    {
        PaintedPerson person = Person(256);
        float[] degrees = [0, 1, 2, 5, 10, 20];
        double[] errors = [.. degrees.Select(angle =>
        {
            float[] smpl = Turned(person.Smpl, angle, LeftShoulder, RightShoulder, RightHip);
            PaintedPerson truth = PaintedPerson.Paint(smpl, SamplePerson.All[0].Look, 256);
            return PictureError.MeanAbsolute(Imitate(person, smpl, generator, masked: true), truth.Image, truth.Silhouette);
        })];
        Assert.AreEqual(0, errors[0], 0.5 / 127.5);
        double[] steps = [.. Enumerable.Range(1, degrees.Length - 1)
            .Select(i => (errors[i] - errors[i - 1]) / (degrees[i] - degrees[i - 1]))];
        for (int i = 1; i + 1 < steps.Length; i++)
            Assert.IsLessThan(times * Math.Max(Math.Max(steps[i - 1], steps[i + 1]), 0.002), steps[i],
                $"a degree between {degrees[i]} and {degrees[i + 1]}: errors {string.Join(", ", errors)}");
        Assert.IsTrue(Enumerable.Range(1, errors.Length - 1).All(i => errors[i] > errors[i - 1] - 0.002), string.Join(", ", errors));
    }

    [TestMethod]
    [DataRow("texture")]
    [DataRow("constant")]
    public void AMovingArmChangesNothingElse(string generator)
    {
        PaintedPerson person = Person(256);
        float[] smpl = Turned(person.Smpl, 50, LeftShoulder);
        float[] made = Imitate(person, smpl, generator, masked: true);
        BodyMap moved = BodyMap.Render(smpl, 256);
        // Everything farther than 6 % of the picture from the old and the new position of the arm.
        float[] arms = [.. person.Map.FaceIndex.Zip(moved.FaceIndex).Select(f => IsArm(f.First) || IsArm(f.Second) ? 1f : 0)],
            away = new float[arms.Length];
        DistanceMap.Compute(256, arms, 1, away);
        double sum = 0;
        int count = 0;
        for (int i = 0; i < arms.Length; i++)
        {
            if (away[i] < 0.06f * 256)
                continue;
            count++;
            for (int c = 0; c < 3; c++)
                sum += Math.Pow(made[c * arms.Length + i] - person.Image[c * arms.Length + i], 2);
        }
        double peak = 10 * Math.Log10(4 / (sum / (3 * count)));
        Assert.IsGreaterThan(arms.Length / 2, count);
        Assert.IsGreaterThan(32, peak);

        static bool IsArm(int face) => face >= 0 && (BodyPart)BodyModel.Default.Surface.Part[face] is BodyPart.LeftArm or BodyPart.LeftHand;
    }

    [TestMethod]
    public void TheFormerPlaceOfTheArmIsNotKept()
    {
        PaintedPerson person = Person(256);
        float[] smpl = Turned(person.Smpl, 50, LeftShoulder);
        float[] made = Imitate(person, smpl, "constant", masked: true);
        BodyMap moved = BodyMap.Render(smpl, 256);
        int n = moved.FaceIndex.Length;
        int[] uncovered = [.. Enumerable.Range(0, n)
            .Where(i => person.Map.FaceIndex[i] is >= 0 and var f && moved.FaceIndex[i] < 0
            && (BodyPart)BodyModel.Default.Surface.Part[f] == BodyPart.LeftHand)];
        Assert.IsGreaterThan(50, uncovered.Length);
        double generated = uncovered.Average(i => Math.Abs(made[i] - ConstantGenerator.Composed(0)));
        Assert.IsLessThan(0.02, generated, "Where the hand was the generator's picture stands, not the hand.");
    }

    [TestMethod]
    public void OverAnotherBackgroundThePersonKeepsThePhotograph()
    {
        PaintedPerson person = Person(256);
        float[] made = Imitate(person, person.Smpl, "texture", masked: true, new Rgb(0, 255, 0));
        int n = person.Silhouette.Length;
        // One pixel inside, where mask and silhouette are certainly those of the person.
        float[] inside = new float[n];
        new Morphology(256, 256).Erode(person.Silhouette, 7, inside);
        for (int i = 0; i < n; i++)
        {
            if (inside[i] > 0.99f)
                Assert.AreEqual(person.Image[i], made[i], 1.5 / 127.5, $"pixel {i}");
        }
        Assert.AreEqual(-1, made[0], 0.01);
        Assert.AreEqual(1, made[n], 0.01);
    }

    [TestMethod]
    public void ItIsAnOption()
    {
        PaintedPerson person = Person(128);
        float[] made = Imitate(person, person.Smpl, "constant", masked: false, keeps: false);
        Assert.IsGreaterThan(0.1, PictureError.MeanAbsolute(made, person.Image));
        foreach (GenerateTransferOptions options in (GenerateTransferOptions[])[new() { KeepsNearSource = true, WithReference = true },
            new() { KeepsNearSource = true, Background = TransferBackground.Nothing }, new() { MovesContactShadows = true },
            new() { KeepsNearSource = true, MovesContactShadows = true, BackgroundColor = new Rgb(0, 0, 0) }])
            Assert.ThrowsExactly<ArgumentException>(() =>
                s_context.Transforms.GenerateTransfer(new TextureWarpGenerator(BodyModel.Default), options));
    }

    private static PaintedPerson Person(int size) => PaintedPerson.Paint([.. SamplePerson.All[0].Smpl], SamplePerson.All[0].Look, size);

    private static float[] Turned(float[] smpl, float degrees, params ReadOnlySpan<int> joints)
    {
        float[] turned = [.. smpl];
        foreach (int joint in joints)
            turned[SmplLayout.PoseOffset + 3 * joint + 2] += float.DegreesToRadians(joint == RightShoulder ? -degrees : degrees);
        return turned;
    }

    private static float[] Imitate(PaintedPerson person, float[] target, string generator, bool masked, Rgb? background = null,
        bool keeps = true)
    {
        int size = person.Size;
        float[] mask = new float[64 * 64];
        for (int i = 0; i < mask.Length; i++)
            mask[i] = person.Silhouette[(i / 64 * 2 + 1) * size / 128 * size + (i % 64 * 2 + 1) * size / 128];
        IDataView data = Row(ImageCodec.ToImage(person.Image, size, size), person.Smpl, target, mask);
        using var network = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(BodyModel.Default.Hash)));
        TransferGenerator made = generator switch { "texture" => new TextureWarpGenerator(BodyModel.Default), "constant" =>
            new ConstantGenerator(BodyModel.Default), _ => network };
        var options = new ImitateMotionOptions
        {
            ImageSize = size,
            Strategy = CameraStrategy.Source,
            PersonMaskColumnName = masked ? "PersonMask" : null,
            BackgroundColor = background,
            KeepsNearSource = keeps,
            Sharp = generator == "sharp" ? true : generator == "network" ? false : null,
        };
        MLImage image = s_context.Transforms.ImitateMotion(made, options, BodyModel.Default).Fit(data).Transform(data)
            .GetColumn<MLImage>("TargetImage").Single();
        float[] tensor = new float[3 * size * size];
        ImageCodec.ToTensor(image, tensor);
        return tensor;
    }

    // The type of an image column contains the size.
    private static IDataView Row(MLImage image, float[] source, float[] target, float[] mask) => image.Width switch
    {
        128 => s_context.Data.LoadFromEnumerable(
            [new Row128 { SourceImage = image, SourceSmpl = source, ReferenceSmpl = target, PersonMask = mask }]),
        256 => s_context.Data.LoadFromEnumerable(
            [new Row256 { SourceImage = image, SourceSmpl = source, ReferenceSmpl = target, PersonMask = mask }]),
        512 => s_context.Data.LoadFromEnumerable(
            [new Row512 { SourceImage = image, SourceSmpl = source, ReferenceSmpl = target, PersonMask = mask }]),
        _ => s_context.Data.LoadFromEnumerable(
            [new Row1024 { SourceImage = image, SourceSmpl = source, ReferenceSmpl = target, PersonMask = mask }]),
    };

    private abstract class PersonRow
    {
        [VectorType(85)]
        public required float[] SourceSmpl { get; set; }

        [VectorType(85)]
        public required float[] ReferenceSmpl { get; set; }

        [VectorType(64, 64)]
        public required float[] PersonMask { get; set; }
    }

    private sealed class Row128 : PersonRow
    {
        [ImageType(128, 128)]
        public required MLImage SourceImage { get; set; }
    }

    private sealed class Row256 : PersonRow
    {
        [ImageType(256, 256)]
        public required MLImage SourceImage { get; set; }
    }

    private sealed class Row512 : PersonRow
    {
        [ImageType(512, 512)]
        public required MLImage SourceImage { get; set; }
    }

    private sealed class Row1024 : PersonRow
    {
        [ImageType(1024, 1024)]
        public required MLImage SourceImage { get; set; }
    }
}
