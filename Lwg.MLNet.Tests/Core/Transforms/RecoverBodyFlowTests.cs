using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Compares the chain RecoverBodyFlow with the whole training sample of the second implementation: two pairs as two rows, at 64
/// pixels.</summary>
[TestClass]
public sealed class RecoverBodyFlowTests
{
    private const int S = 64;
    private const int Plane = S * S;
    private const int Pairs = 2;

    // Vertices agree to 1e-5, which thin faces make 5e-4 in T: 0.016 pixels, times the contrast of noise (2) between neighbours.
    private const double Flow = 5e-4, Sampled = 3.2e-2;

    // An image has 8 bits a channel, the fixtures' pictures have floats: half a step of 2/255 in [-1,1]. Bilinear sampling does not enlarge
    // it.
    private const double HalfStep = 1 / 255.0 + 1e-6;

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void TheChainGivesTheWholeFixture(bool alignCorners)
    {
        IDataView result = Recover(new RecoverBodyFlowOptions { KeepIntermediate = true, ImageSize = S, AlignCorners = alignCorners });

        // Pixels on an edge may belong to either face. They are counted, and the pixels that they affect are excluded below.
        int edge = Different("flow/source_face_index.npy", result, "SourceFaceIndex")
            + Different("flow/reference_face_index.npy", result, "ReferenceFaceIndex");
        Assert.IsLessThanOrEqualTo(4, edge, "pixels whose face differs");

        Close("flow/T.npy", "T", Flow);
        Close("flow/source_condition.npy", "SourceCondition", 1e-6);
        Close("flow/reference_condition.npy", "ReferenceCondition", 1e-6);
        Close("flow/source_crop_mask.npy", "SourceCropMask", 0);
        Close("flow/target_crop_mask.npy", "ReferenceCropMask", 0);
        Close("flow/input_background_k15.npy", "SourceBackgroundInput", HalfStep);
        Close("flow/input_background_reference_k15.npy", "ReferenceBackgroundInput", HalfStep);
        Close("flow/input_source.npy", "SourceForegroundInput", HalfStep);
        Close(alignCorners ? "flow/warped_align_true.npy" : "flow/warped_align_false.npy", "ReferenceWarped", Sampled + HalfStep);
        if (alignCorners)
            Close("flow/input_transfer_align_true.npy", "ReferenceTransferInput", Sampled + HalfStep);
        CollectionAssert.AreEqual(Boxes("flow/head_box.npy"), Column<float>(result, "ReferenceHeadBox"), "head box");
        CollectionAssert.AreEqual(Boxes("flow/body_box.npy"), Column<float>(result, "ReferenceBodyBox"), "body box");

        void Close(string name, string column, double tolerance)
        {
            float[] expected = Fixture.Singles(name), actual = Column<float>(result, column);
            if (edge == 0)
                Fixture.AreClose(expected, actual, tolerance, column);
            else
                Assert.IsLessThanOrEqualTo(actual.Length / 50, expected.Zip(actual)
                    .Count(p => !(Math.Abs(p.First - p.Second) <= tolerance)), column);
        }
    }

    [TestMethod]
    public void TheTransferInputIsTheWarpedSourceAndTheReferencesCondition()
    {
        IDataView result = Recover(new RecoverBodyFlowOptions { KeepIntermediate = true, ImageSize = S, AlignCorners = false });
        float[] input = Column<float>(result, "ReferenceTransferInput"), warped = Column<float>(result, "ReferenceWarped"),
            condition = Column<float>(result, "ReferenceCondition");
        for (int i = 0; i < Pairs; i++)
        {
            CollectionAssert.AreEqual(warped[(i * 3 * Plane)..((i + 1) * 3 * Plane)], input[(i * 6 * Plane)..((i * 6 + 3) * Plane)]);
            CollectionAssert.AreEqual(condition[(i * 3 * Plane)..((i + 1) * 3 * Plane)],
                input[((i * 6 + 3) * Plane)..((i + 1) * 6 * Plane)]);
        }
    }

    [TestMethod]
    public void OnlyVisibleKeepsTheFlowOfFacesThatTheSourceShows()
    {
        var options = new RecoverBodyFlowOptions { KeepIntermediate = true, ImageSize = S, OnlyVisible = true };
        IDataView result = Recover(options);
        float[] flow = Column<float>(result, "T"),
            whole = Column<float>(Recover(new RecoverBodyFlowOptions { KeepIntermediate = true, ImageSize = S }), "T");
        int[] source = Column<int>(result, "SourceFaceIndex"), target = Column<int>(result, "ReferenceFaceIndex");
        int hidden = 0;
        for (int p = 0; p < target.Length; p++)
        {
            bool seen = target[p] >= 0 && source.AsSpan(p / Plane * Plane, Plane).Contains(target[p]);
            hidden += target[p] >= 0 && !seen ? 1 : 0;
            // The three weights of a pixel sum to one up to rounding.
            Assert.AreEqual(seen ? whole[2 * p] : -2, flow[2 * p], 1e-5f, $"x of pixel {p}");
            Assert.AreEqual(seen ? whole[2 * p + 1] : -2, flow[2 * p + 1], 1e-5f, $"y of pixel {p}");
        }
        Assert.AreNotEqual(0, hidden, "Without hidden faces the test would show nothing.");
    }

    private static IDataView Recover(RecoverBodyFlowOptions options)
    {
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable(Enumerable.Range(0, Pairs).Select(Pair.Read));
        return context.Transforms.RecoverBodyFlow(options, Fixture.SurfacedBody).Fit(data).Transform(data);
    }

    /// <summary>Reads the rows of a column, one after the other.</summary>
    private static T[] Column<T>(IDataView data, string name) => [.. data.GetColumn<T[]>(name).SelectMany(row => row)];

    private static int Different(string expected, IDataView data, string column) =>
        Fixture.Int32s(expected).Zip(Column<int>(data, column)).Count(p => p.First != p.Second);

    private static float[] Boxes(string name) => [.. Fixture.Int32s(name).Select(x => (float)x)];

    private sealed class Pair
    {
        [VectorType(85)]
        public float[] SourceSmpl { get; set; } = [];

        [VectorType(85)]
        public float[] ReferenceSmpl { get; set; } = [];

        [ImageType(S, S)]
        public MLImage SourceImage { get; set; } = null!;

        [ImageType(S, S)]
        public MLImage ReferenceImage { get; set; } = null!;

        public static Pair Read(int i) => new()
        {
            SourceSmpl = Fixture.Singles("flow/source_theta.npy")[(85 * i)..(85 * (i + 1))],
            ReferenceSmpl = Fixture.Singles("flow/reference_theta.npy")[(85 * i)..(85 * (i + 1))],
            SourceImage = ImageCodec.ToImage(Fixture.Singles("flow/source_image.npy").AsSpan(3 * Plane * i, 3 * Plane), S, S),
            // The reference's picture is not among the fixtures; its remaining part in the expected input replaces it (the mask is
            // applied twice).
            ReferenceImage = ImageCodec.ToImage(Fixture.Singles("flow/input_background_reference_k15.npy").AsSpan(4 * Plane * i, 3 * Plane),
            S, S),
        };
    }
}
