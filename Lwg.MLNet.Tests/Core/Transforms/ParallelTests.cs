using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests that rows in parallel give the same results as rows one after another.</summary>
[TestClass]
public sealed class ParallelTests
{
    private const int S = TestBody.Size, Frames = 9;

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(16)]
    public void TheRowsAreTheSame(int threads)
    {
        IDataView data = Data();
        ITransformer model = _context.Transforms.ImitateMotion(new TextureWarpGenerator(BodyModel.Default),
            new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, WithLayers = true }).Fit(data);
        var spy = new SpyDataView(data);
        IDataView expected = model.Transform(data), actual = _context.Data.TransformInParallel(model, spy, threads);
        string[] columns = ["SourceImage", "TargetImage", "TargetMask", "TargetFaceIndex", "ReferenceFrame", "ReferenceSmpl"];
        CollectionAssert.AreEqual(Rows(expected, columns), Rows(actual, columns));
        Assert.AreEqual(Frames, spy.Reads["ReferenceSmpl"], "Each row is read once.");
        CollectionAssert.AreEqual(expected.Schema.Select(c => (c.Name, c.Type.ToString())).ToArray(),
            actual.Schema.Select(c => (c.Name, c.Type.ToString())).ToArray());
        Assert.AreEqual(expected.GetRowCount(), actual.GetRowCount());
        CollectionAssert.AreEqual(Rows(expected, columns), Rows(actual, columns), "and again");
    }

    [TestMethod]
    public void OnlyRequestedColumnsAreRead()
    {
        var spy = new SpyDataView(Data());
        ITransformer model = _context.Transforms.PoseBody("Reference").Fit(spy);
        IDataView posed = _context.Data.TransformInParallel(model, spy, 2);
        Assert.HasCount(Frames, posed.GetColumn<float[]>("ReferenceVertices").ToArray());
        Assert.IsFalse(spy.Reads.ContainsKey("SourceImage"));
        using DataViewRowCursor cursor = posed.GetRowCursor([posed.Schema["ReferenceVertices"]]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cursor.GetGetter<MLImage>(posed.Schema["SourceImage"]));
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(posed.Schema["ReferenceVertices"]));
        Assert.IsTrue(cursor.MoveNext());
    }

    [TestMethod]
    public void AnErrorComesAtItsRow()
    {
        const int Bad = 5;
        IDataView data = Data(Bad);
        ITransformer model = _context.Transforms.PoseBody("Reference").Fit(data);
        string alone = Assert.Throws<Exception>(() => model.Transform(data).GetColumn<float[]>("ReferenceVertices").ToArray()).Message;
        var seen = new List<float[]>();
        Exception error = Assert.Throws<Exception>(() =>
        {
            foreach (float[] vertices in _context.Data.TransformInParallel(model, data, 3).GetColumn<float[]>("ReferenceVertices"))
                seen.Add(vertices);
        });
        Assert.AreEqual(alone, error.Message);
        Assert.HasCount(Bad, seen);
    }

    [TestMethod]
    public void DataThatCannotBeReadSaySo()
    {
        IDataView data = new BrokenDataView(_context.Data.LoadFromEnumerable(Enumerable.Range(0, Frames).Select(i => Row.Make(0, i))),
            failsAt: 2);
        ITransformer model = _context.Transforms.PoseBody("Reference").Fit(Data());
        foreach (int threads in (int[])[1, 2, 5])
        {
            var seen = new List<float[]>();
            Assert.AreEqual("The disk is gone.", Assert.ThrowsExactly<IOException>(() =>
            {
                foreach (float[] vertices in _context.Data.TransformInParallel(model, data, threads)
                    .GetColumn<float[]>("ReferenceVertices"))
                    seen.Add(vertices);
            }).Message);
            Assert.HasCount(2, seen, "The rows after it do not come, though they could be read.");
        }
    }

    [TestMethod]
    public void ACursorCanBeLeftAtAnyRow()
    {
        IDataView data = Data();
        ITransformer model = _context.Transforms.PoseBody("Reference").Fit(data);
        IDataView posed = _context.Data.TransformInParallel(model, data, 4);
        for (int rows = 0; rows <= Frames; rows++)
            Assert.HasCount(rows, posed.GetColumn<float[]>("ReferenceVertices").Take(rows).ToArray());
        posed.GetRowCursor(posed.Schema).Dispose();
    }

    [TestMethod]
    public void StagesThatNeedOtherRowsAreRefused()
    {
        IDataView data = Data();
        Assert.ThrowsExactly<ArgumentException>(() => _context.Data.TransformInParallel(new Shuffled(), data));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _context.Data.TransformInParallel(_context.Transforms.PoseBody("Reference").Fit(data), data, -1));
    }

    private IDataView Data(int bad = -1) =>
        _context.Data.LoadFromEnumerable(Enumerable.Range(0, Frames).Select(i => Row.Make(i / 4, i, i == bad)).ToArray());

    private static string[] Rows(IDataView data, string[] columns)
    {
        var rows = new List<string>();
        using DataViewRowCursor cursor = data.GetRowCursor([.. columns.Select(c => data.Schema[c])]);
        Func<string>[] values = [.. columns.Select(c => Value(cursor, data.Schema[c]))];
        while (cursor.MoveNext())
            rows.Add($"{cursor.Position} {string.Join(" ", values.Select(v => v()))}");
        return [.. rows];
    }

    private static Func<string> Value(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type.RawType == typeof(MLImage))
            return Of<MLImage>(image => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(image.Pixels)));
        if (column.Type.RawType == typeof(VBuffer<float>))
            return Of<VBuffer<float>>(v => string.Join(",", v.DenseValues()));
        return column.Type.RawType == typeof(VBuffer<int>) ? Of<VBuffer<int>>(v => string.Join(",", v.DenseValues()))
            : Of<int>(v => $"{v}");

        Func<string> Of<T>(Func<T, string> text)
        {
            ValueGetter<T> get = cursor.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                get(ref value);
                return text(value);
            };
        }
    }

    private sealed class Row
    {
        [Microsoft.ML.Transforms.Image.ImageType(S, S)]
        public MLImage? SourceImage { get; set; }

        [VectorType(85)]
        public float[] SourceSmpl { get; set; } = [];

        [VectorType(85)]
        public float[] ReferenceSmpl { get; set; } = [];

        [VectorType(85)]
        public float[] ReferenceOrigin { get; set; } = [];

        public int ReferenceFrame { get; set; }

        public static Row Make(int person, int frame, bool bad = false)
        {
            float[] smpl = TestBody.Smpl(frame);
            if (bad)
                smpl[7] = float.NaN;
            return new Row { SourceImage = TestBody.Picture(person, S, S), SourceSmpl = TestBody.Smpl(person), ReferenceSmpl = smpl,
                ReferenceOrigin = TestBody.Smpl(0), ReferenceFrame = frame };
        }
    }

    /// <summary>Data of which one row cannot be read, but the rows after it can.</summary>
    private sealed class BrokenDataView(IDataView source, int failsAt) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => source.Schema;

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            new Cursor(source.GetRowCursor(columnsNeeded), failsAt);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded)];

        private sealed class Cursor(DataViewRowCursor rows, int failsAt) : DataViewRowCursor
        {
            public override long Position => rows.Position;

            public override long Batch => rows.Batch;

            public override DataViewSchema Schema => rows.Schema;

            public override bool IsColumnActive(DataViewSchema.Column column) => rows.IsColumnActive(column);

            public override ValueGetter<DataViewRowId> GetIdGetter() => rows.GetIdGetter();

            public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => rows.GetGetter<TValue>(column);

            public override bool MoveNext() =>
                rows.MoveNext() && (rows.Position != failsAt ? true : throw new IOException("The disk is gone."));
        }
    }

    private sealed class Shuffled : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => input;

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();
    }
}
