using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

[TestClass]
public sealed class LocateHeadAndBodyTests
{
    [TestMethod]
    public void PassesTheCheck()
    {
        var context = new MLContext(seed: 1);
        var random = new Random(7);
        Row[] rows = [.. Enumerable.Range(0, 4).Select(_ => new Row { Joints2D = [.. Enumerable.Range(0, 38).Select(_ => random.NextSingle() * 2 - 1)] })];
        EstimatorCheck<Row, Boxes>.Run(context, context.Transforms.LocateHeadAndBody(), rows);
    }

    private sealed class Row
    {
        [VectorType(19, 2)]
        public float[] Joints2D { get; set; } = [];
    }

    private sealed class Boxes
    {
        public float[] HeadBox { get; set; } = [];

        public float[] BodyBox { get; set; } = [];
    }
}
