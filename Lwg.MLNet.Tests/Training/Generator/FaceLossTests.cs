using Lwg.MLNet.Body;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Generator;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Generator;

/// <summary>Compares the face term with features from ONNX Runtime of faces cropped by plain code.</summary>
[TestClass]
public sealed class FaceLossTests
{
    private const int S = 40, Height = FaceNetwork.Height, Width = FaceNetwork.Width;

    // First and last column, first and last row.
    private static readonly float[] s_box = [9, 20, 5, 18];

    private static readonly NetworkGraph s_graph = FaceNetwork.Build();

    private static readonly FormulaWeights s_weights = FormulaWeights.For(s_graph);

    [TestMethod]
    public void ItHasTheLayersOfThePublishedNetwork()
    {
        Assert.AreEqual(20, s_graph.Nodes.Count(n => n.Operator == "Conv"));
        CollectionAssert.AreEqual((int[])[256, 256, 3, 3], s_graph.Weights.Single(w => w.Name == "conv3_9.weight").Shape);
        CollectionAssert.AreEqual((int[])[512], s_graph.Weights.Single(w => w.Name == "relu4_3.weight").Shape);
        CollectionAssert.AreEqual((int[])[512, 512 * 7 * 6], s_graph.Weights.Single(w => w.Name == "fc5.weight").Shape);
    }

    [TestMethod]
    public void ItIsTheDistanceOfTheFacesFeatures()
    {
        float[] a = FormulaWeights.Input("a", 3 * S * S), b = FormulaWeights.Input("b", 3 * S * S);
        double expected = Features(a).Zip(Features(b)).Average(v => Math.Abs((double)v.First - v.Second));

        using var scope = NewDisposeScope();
        using var loss = new FaceLoss(s_weights, "formula");
        // The second picture shows no face and does not count.
        Tensor x = cat([Picture(a), Picture(b)], 0).requires_grad_(true);
        Tensor found = loss.Compare(x, cat([Picture(b), Picture(a)], 0), [s_box, null]);
        Assert.AreEqual(expected, found.item<float>(), 1e-3 * expected);
        found.backward();
        float[] gradient = x.grad!.data<float>().ToArray();
        for (int i = 0; i < gradient.Length; i++)
        {
            (int row, int y, int column) = (i / (3 * S * S), i / S % S, i % S);
            bool far = row == 1 || column < s_box[0] - 1 || column > s_box[1] + 1 || y < s_box[2] - 1 || y > s_box[3] + 1;
            if (far)
                Assert.AreEqual(0, gradient[i], $"{row} {y} {column}");
        }
        Assert.IsGreaterThan(0, gradient.Max());
        Assert.AreEqual(0, loss.Compare(x, x, [s_box, s_box]).item<float>());
        Assert.AreEqual(0, loss.Compare(x, cat([Picture(b), Picture(a)], 0), [null, null]).item<float>());
    }

    [TestMethod]
    public void AnotherNetworkIsRefused()
    {
        string message = Assert.ThrowsExactly<ModelFileException>(() =>
            new FaceLoss(FormulaWeights.Discriminator, "other.pth").Dispose()).Message;
        StringAssert.Contains(message, "other.pth");
        StringAssert.Contains(message, "conv1_1.weight");
    }

    [TestMethod]
    public void SyntheticPeopleSayWhereTheirFacesAre()
    {
        const int Size = 128, Count = 16;
        var preparer = new SamplePreparer(BodyModel.Default, TinyTraining.Options, Size);
        var sample = new TrainingSample(Size);
        var prepared = new PreparedSample(Size);
        SyntheticTrainingData data = TinyTraining.Data();
        int faces = 0;
        for (int i = 0; i < Count; i++)
        {
            data.Fill(i, sample);
            preparer.Prepare(sample, i, prepared);
            if (prepared.FaceBox is not { } box)
                continue;
            faces++;
            Assert.IsTrue(box[0] <= box[1] && box[2] <= box[3] && box.All(v => v is >= 0 and < Size), string.Join(", ", box));
        }
        Assert.IsTrue(faces is > 2 and < Count, $"{faces} of {Count} faces are seen; some people turn their backs.");
    }

    // Samples at the centres of the network's pixels, bilinear, with repeated edges; blue first.
    private static float[] Features(float[] picture)
    {
        float[] face = new float[3 * Height * Width];
        for (int i = 0; i < face.Length; i++)
        {
            (int c, int row, int column) = (2 - i / (Height * Width), i / Width % Height, i % Width);
            double x = s_box[0] + (s_box[1] + 1 - s_box[0]) * (column + 0.5) / Width - 0.5, y = s_box[2] + (s_box[3] + 1 - s_box[2])
                * (row + 0.5) / Height - 0.5;
            (int left, int top) = ((int)Math.Floor(x), (int)Math.Floor(y));
            double At(int dy, int dx) => picture[(c * S + Math.Clamp(top + dy, 0, S - 1)) * S + Math.Clamp(left + dx, 0, S - 1)];
            (double u, double v) = (x - left, y - top);
            face[i] = (float)(FaceNetwork.Scale
                * ((1 - v) * ((1 - u) * At(0, 0) + u * At(0, 1)) + v * ((1 - u) * At(1, 0) + u * At(1, 1))));
        }
        return OnnxRun.Compute(s_graph, s_weights, [(FaceNetwork.Image, face, [1, 3, Height, Width])],
            [(FaceNetwork.Features, [1, FaceNetwork.FeatureCount])])[FaceNetwork.Features];
    }

    private static Tensor Picture(float[] values) => tensor(values).reshape(1, 3, S, S);
}
