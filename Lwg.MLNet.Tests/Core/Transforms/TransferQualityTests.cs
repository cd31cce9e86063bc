using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests MeasureTransferQuality: the estimator check, optional columns, and thresholds that mark or refuse rows.</summary>
[TestClass]
public sealed class TransferQualityTests
{
    private const int S = TestBody.Size;

    private static readonly (string, int[])[] s_shapes =
        [("SourceFaceIndex", [S, S]), ("TargetFaceIndex", [S, S]), ("PersonMask", [S / 2, S / 2]), ("SourceKeypoints", [17, 3]),
            ("SourceJoints2D", [19, 2])];

    private readonly MLContext _context = new(seed: 1);

    private static MeasureTransferQualityOptions All(float shown = 0, float overlap = 0, float? residual = null, bool refuse = false) =>
        new()
    {
        PersonMaskColumnName = "PersonMask",
        KeypointsColumnName = "SourceKeypoints",
        MinimumSurfaceShown = shown,
        MinimumSilhouetteOverlap = overlap,
        MaximumFitResidual = residual,
        RefusePoorRows = refuse,
    };

    [TestMethod]
    public void EveryMeasure() => EstimatorCheck<Row, Quality>.Run(
        _context, _context.Transforms.MeasureTransferQuality(All(shown: 0.9f), TestBody.Body), [.. Rows], s_shapes);

    [TestMethod]
    public void TheSurfaceAlone() => EstimatorCheck<MapsRow, Shown>.Run(
        _context, _context.Transforms.MeasureTransferQuality(body: TestBody.Body),
        [.. Rows.Select(r => new MapsRow { SourceFaceIndex = r.SourceFaceIndex, TargetFaceIndex = r.TargetFaceIndex })], s_shapes[..2]);

    [TestMethod]
    public void TheMeasuresAreRight()
    {
        Quality[] made = [.. Measure(All())];
        Row[] rows = [.. Rows];
        Assert.AreEqual(1f, made[0].SurfaceShown, "The first row's target is its source.");
        Assert.IsTrue(made.Skip(1).All(q => q.SurfaceShown < 0.99f), string.Join(" ", made.Select(q => q.SurfaceShown)));
        Assert.IsTrue(made.All(q => q.Acceptable == 1 && q.FitResidual < 1e-5f),
            "No threshold is missed, and the key points are the body's.");
        for (int i = 0; i < rows.Length; i++)
        {
            // The mask, of half the size, is the lower half of the picture.
            int[] map = rows[i].SourceFaceIndex;
            int all = map.Count(f => f >= 0), lower = map[(S * S / 2)..].Count(f => f >= 0);
            Assert.AreEqual((float)lower / (S * S / 2 + all - lower), made[i].SilhouetteOverlap, 1e-6f);
        }
    }

    [TestMethod]
    public void PoorRowsAreMarkedOrRefused()
    {
        Assert.IsTrue(Measure(All(shown: 0.99f)).Select(q => q.Acceptable != 0).SequenceEqual([true, false, false]));
        Assert.IsTrue(Measure(All(overlap: 0.95f)).All(q => q.Acceptable == 0));
        Row[] rows = [.. Rows];
        for (int k = 0; k < 17; k++)
            rows[1].SourceKeypoints[3 * k] += 20;
        Assert.IsTrue(Measure(All(residual: 0.05f), rows).Select(q => q.Acceptable != 0).SequenceEqual([true, false, true]));

        string message = Assert.ThrowsExactly<TransferQualityException>(() =>
            Measure(All(shown: 0.99f, overlap: 0.95f, residual: 0.05f, refuse: true), rows[1..]).ToArray()).Message;
        foreach (string part in (string[])["Stage 'MeasureTransferQuality'", "of the target's surface", "silhouette and mask overlap",
            "of the person's height"])
            StringAssert.Contains(message, part);
        Assert.HasCount(1, Measure(All(shown: 0.99f, refuse: true), rows[..1]).ToArray());
    }

    [TestMethod]
    public void ErrorsAreReported()
    {
        foreach (MeasureTransferQualityOptions bad in (MeasureTransferQualityOptions[])[new() { MinimumSurfaceShown = 2 },
            new() { MinimumSilhouetteOverlap = 0.5f }, new() { MaximumFitResidual = 0.1f },
            new() { MaximumFitResidual = -1, KeypointsColumnName = "K" }])
            Assert.Throws<ArgumentException>(() => _context.Transforms.MeasureTransferQuality(bad));
        Row[] rows = [.. Rows.Take(1)];
        rows[0].TargetFaceIndex[5] = 1_000_000;
        StringAssert.Contains(Assert.ThrowsExactly<LwgException>(() => Measure(All(), rows).ToArray()).Message, "column 'TargetFaceIndex'");
        rows = [.. Rows.Take(1)];
        rows[0].SourceKeypoints[2] = 7;
        StringAssert.Contains(Assert.ThrowsExactly<KeypointInputException>(() => Measure(All(), rows).ToArray()).Message,
            "column 'SourceKeypoints'");
    }

    private IEnumerable<Quality> Measure(MeasureTransferQualityOptions options, IEnumerable<Row>? rows = null)
    {
        SchemaDefinition columns = SchemaDefinition.Create(typeof(Row));
        foreach ((string column, int[] dimensions) in s_shapes)
            columns[column].ColumnType = new VectorDataViewType(
                (PrimitiveDataViewType)((VectorDataViewType)columns[column].ColumnType).ItemType, dimensions);
        IDataView data = _context.Data.LoadFromEnumerable(rows ?? Rows, columns);
        return _context.Data.CreateEnumerable<Quality>(_context.Transforms.MeasureTransferQuality(options, TestBody.Body).Fit(data)
            .Transform(data), reuseRowObject: false);
    }

    private static IEnumerable<Row> Rows => Enumerable.Range(1, 3).Select(i =>
    {
        float[] smpl = TestBody.Smpl(i);
        int[] source = TestBody.Render(smpl).FaceIndex, target = TestBody.Render(i == 1 ? smpl : FromBehind(smpl)).FaceIndex;
        float[] joints = TestBody.Pose(smpl).Keypoints2D, keypoints = new float[51];
        for (int k = 0; k < 17; k++)
        {
            int j = Lwg.MLNet.Body.Skeleton.CocoToKeypoint[k];
            (keypoints[3 * k], keypoints[3 * k + 1], keypoints[3 * k + 2]) =
                ((joints[2 * j] + 1) * S / 2, (joints[2 * j + 1] + 1) * S / 2, 1);
        }
        return new Row
        {
            SourceFaceIndex = source,
            TargetFaceIndex = target,
            PersonMask = [.. Enumerable.Range(0, S * S / 4).Select(p => p >= S * S / 8 ? 1f : 0f)],
            SourceKeypoints = keypoints,
            SourceJoints2D = joints,
        };
    });

    // Turns a body that faces the camera by half a turn about the vertical axis.
    private static float[] FromBehind(float[] smpl)
    {
        float[] turned = (float[])smpl.Clone();
        (turned[3], turned[4], turned[5]) = (0, 0, MathF.PI);
        return turned;
    }

    private sealed class MapsRow
    {
        [VectorType(S * S)]
        public int[] SourceFaceIndex { get; set; } = [];

        [VectorType(S * S)]
        public int[] TargetFaceIndex { get; set; } = [];
    }

    private sealed class Row
    {
        [VectorType(S * S)]
        public int[] SourceFaceIndex { get; set; } = [];

        [VectorType(S * S)]
        public int[] TargetFaceIndex { get; set; } = [];

        [VectorType(S * S / 4)]
        public float[] PersonMask { get; set; } = [];

        [VectorType(17 * 3)]
        public float[] SourceKeypoints { get; set; } = [];

        [VectorType(19 * 2)]
        public float[] SourceJoints2D { get; set; } = [];
    }

    private sealed class Quality
    {
        public float SurfaceShown { get; set; }

        public float SilhouetteOverlap { get; set; }

        public float FitResidual { get; set; }

        public float Acceptable { get; set; }
    }

    private sealed class Shown { public float SurfaceShown { get; set; } public float Acceptable { get; set; } }
}
