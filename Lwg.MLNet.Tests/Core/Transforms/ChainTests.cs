using System.IO.Compression;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests combinations of stages: with each other, with the loaders, with ML.NET's own.</summary>
[TestClass]
public sealed class ChainTests
{
    private const int S = TestBody.Size;

    [TestMethod]
    public void APairedMotionIsImitatedAndTheBodyIsSavedOnce()
    {
        var context = new MLContext(seed: 1);
        IDataView data = Paired(context);
        ITransformer model = context.Transforms.ImitateMotion(new TextureWarpGenerator(BodyModel.Default),
            new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S }).Fit(data);
        MLImage[] images = [.. model.Transform(data).GetColumn<MLImage>("TargetImage").Take(6)];
        Assert.AreEqual(6, images.Select(i => Convert.ToHexString(i.Pixels)).Distinct().Count(), "Frames of a walk all differ.");

        string zip = Path.Combine(Directory.CreateTempSubdirectory("lwg-chain-").FullName, "model.zip");
        try
        {
            context.Model.Save(model, data.Schema, zip);
            using ZipArchive archive = ZipFile.OpenRead(zip);
            Assert.AreEqual(1, archive.Entries.Count(e => e.Name.StartsWith("Body-", StringComparison.Ordinal)),
                "Five stages share one body.");
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(zip)!, recursive: true);
        }
    }

    [TestMethod]
    public void EveryFrameCarriesTheFirstOneAndThePictureIsReadOnce()
    {
        var context = new MLContext(seed: 1);
        var spy = new SpyDataView(Source(context));
        IDataView motion = context.Data.LoadMotion("wave"), data = context.Data.PairWithMotion(spy, motion);
        float[] first = motion.GetColumn<float[]>("ReferenceSmpl").First();
        foreach (float[] origin in data.GetColumn<float[]>("ReferenceOrigin"))
            CollectionAssert.AreEqual(first, origin);
        int frames = data.GetColumn<MLImage>("SourceImage").Count();
        Assert.AreEqual(motion.GetRowCount(), frames);
        Assert.AreEqual(1, spy.Reads["SourceImage"], "One source, read once.");
        Assert.ThrowsExactly<ArgumentException>(() => context.Data.PairWithMotion(motion, motion));
    }

    [TestMethod]
    public void AnotherBodyIsASchemaError()
    {
        var context = new MLContext(seed: 1);
        IDataView data = Paired(context);
        IEstimator<ITransformer> chain = context.Transforms.PoseBody("Source", body: Fixture.Body)
            .Append(context.Transforms.RenderBodyMesh("Source", S));
        Exception error = Assert.Throws<Exception>(() => chain.Fit(data));
        StringAssert.Contains(error.Message, "'SourceVertices'");
    }

    [TestMethod]
    public void AnotherImageSizeIsASchemaError()
    {
        var context = new MLContext(seed: 1);
        IEstimator<ITransformer> chain = context.Transforms.PoseBody("Source")
            .Append(context.Transforms.RenderBodyMesh("Source", 2 * S))
            .Append(context.Transforms.AssembleForegroundInput());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(Paired(context))).Message, "'SourceImage'");
    }

    [TestMethod]
    public void StagesOfMLNetBeforeAndAfterWork()
    {
        string folder = Directory.CreateTempSubdirectory("lwg-builtin-").FullName;
        try
        {
            TestBody.Picture(1, 100, 80).Save(Path.Combine(folder, "a.png"));
            var context = new MLContext(seed: 1);
            IDataView data = context.Data.LoadFromEnumerable([new PathRow { Path = "a.png", SourceSmpl = TestBody.Smpl(1) }]);
            IEstimator<ITransformer> chain = context.Transforms.LoadImages("SourceImage", folder, "Path")
                .Append(context.Transforms.ResizeImages("SourceImage", S, S))
                .Append(context.Transforms.ImitateMotion(new TextureWarpGenerator(BodyModel.Default),
                new ImitateMotionOptions { ImageSize = S, Strategy = CameraStrategy.Source }))
                .Append(context.Transforms.ExtractPixels("Pixels", "TargetImage"));
            IDataView paired = context.Data.PairWithMotion(data, context.Data.TakeRows(context.Data.LoadMotion("squat"), 3));
            IDataView result = chain.Fit(paired).Transform(paired);
            float[][] pixels = [.. result.GetColumn<float[]>("Pixels")];
            Assert.AreEqual(3, pixels.Length);
            Assert.AreEqual(3 * S * S, pixels[0].Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void TheCallerOwnsReturnedImages()
    {
        var context = new MLContext(seed: 1);
        IDataView data = Paired(context);
        MLImage[] images = [.. context.Transforms.ImitateMotion(new TextureWarpGenerator(BodyModel.Default),
            new ImitateMotionOptions { ImageSize = S }).Fit(data).Transform(data).GetColumn<MLImage>("TargetImage").Take(2)];
        Assert.AreNotSame(images[0], images[1]);
        Assert.AreEqual(S, images[0].Width);
        Assert.AreNotEqual(0, images[0].Pixels.Length);
    }

    [TestMethod]
    public void AdjacentStagesGiveTheSameResultAsSeparatedOnes()
    {
        // Two people alternate, each twice in the same pose: values of a source change, stay, and return.
        var context = new MLContext(seed: 1);
        IDataView motion = context.Data.LoadMotion("walk");
        float[][] poses = [.. motion.GetColumn<float[]>("ReferenceSmpl")];
        IDataView data = context.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new PosedRow
        {
            SourceImage = TestBody.Picture(i / 4 % 2, S, S), SourceSmpl = TestBody.Smpl(i / 4 % 2), ReferenceSmpl = poses[i / 2 * 5],
            ReferenceOrigin = poses[0],
        }).Concat([new PosedRow { SourceImage = TestBody.Picture(0, S, S), SourceSmpl = TestBody.Smpl(0), ReferenceSmpl = poses[0],
        ReferenceOrigin = poses[0] }]));
        ITransformer chain = context.Transforms.ImitateMotion(new TextureWarpGenerator(BodyModel.Default),
            new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S }).Fit(data);
        IDataView apart = data;
        foreach (ITransformer stage in (IEnumerable<ITransformer>)chain)
            apart = new SpyDataView(stage.Transform(apart));
        CollectionAssert.AreEqual(Frames(apart), Frames(chain.Transform(data)));

        static string[] Frames(IDataView view)
        {
            var frames = new List<string>();
            using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["TargetImage"], view.Schema["T"]]);
            ValueGetter<MLImage> image = cursor.GetGetter<MLImage>(view.Schema["TargetImage"]);
            ValueGetter<VBuffer<float>> flow = cursor.GetGetter<VBuffer<float>>(view.Schema["T"]);
            VBuffer<float> values = default;
            while (cursor.MoveNext())
            {
                MLImage picture = null!;
                image(ref picture);
                flow(ref values);
                frames.Add(Convert.ToHexString(picture.Pixels) + string.Join(' ', values.GetValues().ToArray()));
            }
            Assert.AreEqual(9, frames.Count);
            return [.. frames];
        }
    }

    private static IDataView Source(MLContext context) =>
        context.Data.LoadFromEnumerable([new SourceRow { SourceImage = TestBody.Picture(1), SourceSmpl = TestBody.Smpl(1) }]);

    private static IDataView Paired(MLContext context) => context.Data.PairWithMotion(Source(context), context.Data.LoadMotion("walk"));

    private sealed class SourceRow
    {
        [ImageType(S, S)]
        public MLImage SourceImage { get; set; } = null!;

        [VectorType(85)]
        public float[] SourceSmpl { get; set; } = [];
    }

    private sealed class PosedRow
    {
        [ImageType(S, S)]
        public MLImage SourceImage { get; set; } = null!;

        [VectorType(85)]
        public float[] SourceSmpl { get; set; } = [];

        [VectorType(85)]
        public float[] ReferenceSmpl { get; set; } = [];

        [VectorType(85)]
        public float[] ReferenceOrigin { get; set; } = [];
    }

    private sealed class PathRow
    {
        public string Path { get; set; } = "";

        [VectorType(85)]
        public float[] SourceSmpl { get; set; } = [];
    }
}
