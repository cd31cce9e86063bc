using System.Diagnostics;
using Lwg.MLNet.Tests.ModelHost;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Persistence;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>
/// The check that every estimator must pass. All comparisons are bit by bit: the output of a row must depend only on the row.
/// </summary>
/// <typeparam name="TRow">The input: a class with a property for each column.</typeparam>
/// <typeparam name="TResult">The output of the estimator: a class with a property for each column.</typeparam>
internal sealed class EstimatorCheck<TRow, TResult>
    where TRow : class, new()
    where TResult : class, new()
{
    private readonly MLContext _context;
    private readonly IEstimator<ITransformer> _estimator;
    private readonly IReadOnlyList<TRow> _rows;
    private readonly IDataView _data;
    private readonly ITransformer _model;
    private readonly List<string> _expected;

    private readonly SchemaDefinition _columns;

    private EstimatorCheck(MLContext context, IEstimator<ITransformer> estimator, IReadOnlyList<TRow> rows,
        (string Column, int[] Dimensions)[] shapes)
    {
        (_context, _estimator, _rows) = (context, estimator, rows);
        _columns = SchemaDefinition.Create(typeof(TRow));
        foreach ((string column, int[] dimensions) in shapes)
            _columns[column].ColumnType = new VectorDataViewType(
                (PrimitiveDataViewType)((VectorDataViewType)_columns[column].ColumnType).ItemType, dimensions);
        _data = Data(rows);
        _model = estimator.Fit(_data);
        _expected = RowHash.OfRows(_model.Transform(_data));
    }

    /// <summary>Runs every part of the check.</summary>
    /// <param name="context">The context.</param>
    /// <param name="estimator">The estimator.</param>
    /// <param name="rows">At least two rows, not all alike.</param>
    /// <param name="shapes">The dimensions of the input vector columns.</param>
    public static void Run(MLContext context, IEstimator<ITransformer> estimator, IReadOnlyList<TRow> rows,
        params (string Column, int[] Dimensions)[] shapes)
    {
        var check = new EstimatorCheck<TRow, TResult>(context, estimator, rows, shapes);
        Assert.AreEqual(rows.Count, check._expected.Count, "The number of rows must not change.");
        Assert.IsTrue(check._expected.Distinct().Count() > 1, "Rows that are all alike would hide an exchanged order.");
        check.SchemaIsWhatWasPromised();
        check.ColumnsAreLazy();
        check.RowsDoNotDependOnEachOther();
        check.OtherWaysToReadGiveTheSame();
        check.BadSchemasAreRefused();
        check.EnginesAgree();
        check.SavedModelsGiveTheSame();
    }

    private IDataView Data(IEnumerable<TRow> rows) => _context.Data.LoadFromEnumerable(rows, _columns);

    private DataViewSchema.Column[] Made => [.. _model.GetOutputSchema(_data.Schema).Skip(_data.Schema.Count)];

    private DataViewSchema.Column[] Read =>
        [.. _model.GetRowToRowMapper(_data.Schema).GetDependencies(Made)];

    private void SchemaIsWhatWasPromised()
    {
        DataViewSchema actual = _model.Transform(_data).Schema, promised = _model.GetOutputSchema(_data.Schema);
        Assert.AreEqual(string.Join("; ", promised.Select(Describe)), string.Join("; ", actual.Select(Describe)),
            "GetOutputSchema and Transform");
        Assert.AreEqual(Describe(SchemaShapes.Of(actual)), Describe(_estimator.GetOutputSchema(SchemaShapes.Of(_data.Schema))),
            "GetOutputSchema of shapes and Transform");
        Assert.AreNotEqual(0, Made.Length, "A stage makes columns.");
        foreach (DataViewSchema.Column column in Made.Where(c => c.Type is VectorDataViewType))
            Assert.IsTrue(((VectorDataViewType)column.Type).IsKnownSize, $"'{column.Name}' must have a known size.");
    }

    private void ColumnsAreLazy()
    {
        var spy = new SpyDataView(_data);
        IDataView result = _model.Transform(spy);
        Assert.AreEqual(0, spy.Reads.Count, "Transform alone reads nothing.");

        using (DataViewRowCursor cursor = result.GetRowCursor([result.Schema[0]]))
        {
            CollectionAssert.AreEquivalent(new[] { result.Schema[0].Name }, spy.Needed.ToArray(), "What passes through needs only itself.");
            foreach (DataViewSchema.Column made in Made)
                Assert.IsFalse(cursor.IsColumnActive(result.Schema[made.Index]), "What was not asked for is not active.");
        }

        using (DataViewRowCursor cursor = result.GetRowCursor(Made.Select(c => result.Schema[c.Index])))
        {
            CollectionAssert.AreEquivalent(Read.Select(c => c.Name).ToArray(), spy.Needed.ToArray(),
                "What is made needs what the stage reads.");
            while (cursor.MoveNext())
            {
            }
        }
        Assert.AreEqual(0, spy.Reads.Values.Sum(), "A cursor of which no value is asked computes nothing.");

        if (_model is not StageTransformer)
            return;
        RowHash.OfRows(_context.Transforms.SelectColumns([.. Made.Select(c => c.Name)]).Fit(result).Transform(result));
        foreach (DataViewSchema.Column column in Read)
            Assert.AreEqual(_rows.Count, spy.Reads.GetValueOrDefault(column.Name),
                $"'{column.Name}' is read once a row, however many outputs are asked for.");
    }

    private void RowsDoNotDependOnEachOther()
    {
        for (int i = 0; i < _rows.Count; i++)
            Assert.AreEqual(_expected[i], RowHash.OfRows(_model.Transform(Data([_rows[i]]))).Single(), $"Row {i} alone and among others");

        var reversed = RowHash.OfRows(_model.Transform(Data(_rows.Reverse())));
        reversed.Reverse();
        CollectionAssert.AreEqual(_expected, reversed, "Rows from last to first");

        var doubled = RowHash.OfRows(_model.Transform(Data(_rows.SelectMany(r => new[] { r, r }))));
        CollectionAssert.AreEqual(_expected.SelectMany(h => new[] { h, h }).ToList(), doubled, "Every row twice");

        Assert.AreEqual(0, RowHash.OfRows(_model.Transform(Data(Array.Empty<TRow>()))).Count, "No rows in, none out.");
    }

    private void OtherWaysToReadGiveTheSame()
    {
        IDataView result = _model.Transform(new SpyDataView(_data));
        DataViewRowCursor[] set = result.GetRowCursorSet(RowHash.Columns(result.Schema), 2);
        List<string>[] parts = new List<string>[set.Length];
        Parallel.For(0, set.Length, i =>
        {
            using DataViewRowCursor cursor = set[i];
            parts[i] = RowHash.OfRows(cursor);
        });
        CollectionAssert.AreEquivalent(_expected, parts.SelectMany(p => p).ToList(), "A set of cursors, read in parallel");

        // ShuffleRows would drop image columns, so the source itself shuffles.
        IDataView whole = _model.Transform(_data);
        Assert.AreEqual(_data.CanShuffle, whole.CanShuffle, "A stage shuffles if its input does.");
        using (DataViewRowCursor shuffled = whole.GetRowCursor(RowHash.Columns(whole.Schema), new Random(3)))
            CollectionAssert.AreEquivalent(_expected, RowHash.OfRows(shuffled), "Shuffled rows");
        CollectionAssert.AreEqual(_expected, RowHash.OfRows(_model.Transform(_data)), "The same again");

        List<string>[] threads = new List<string>[2];
        Parallel.For(0, threads.Length, i => threads[i] = RowHash.OfRows(_model.Transform(_data)));
        foreach (List<string> thread in threads)
            CollectionAssert.AreEqual(_expected, thread, "Two threads on one transformer");
    }

    private void BadSchemasAreRefused()
    {
        foreach (DataViewSchema.Column column in Read)
        {
            Refuses(Without(column, null), column, "is missing");
            if (column.Type is not TextDataViewType)
                Refuses(Without(column, TextDataViewType.Instance), column, "is text");
            if (column.Type is VectorDataViewType vector)
            {
                Refuses(Without(column, new VectorDataViewType(NumberDataViewType.Double, vector.Dimensions)), column, "contains doubles");
                Refuses(Without(column, new VectorDataViewType(vector.ItemType, vector.Dimensions.Length)), column, "has another size");
                Refuses(Without(column, new VectorDataViewType(vector.ItemType)), column, "has no known size");
            }
            else
            {
                Refuses(Without(column, new VectorDataViewType(NumberDataViewType.Single, 3)), column, "is a vector");
            }
        }
    }

    private void Refuses(DataViewSchema schema, DataViewSchema.Column column, string what)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _model.GetOutputSchema(schema), $"'{column.Name}' {what}");
        StringAssert.Contains(error.Message, $"'{column.Name}'", $"'{column.Name}' {what}: the column");
        StringAssert.Contains(error.Message, "Stage '", $"'{column.Name}' {what}: the stage");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _estimator.Fit(new EmptyData(schema)), $"Fit where '{column.Name}' {what}");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _model.GetRowToRowMapper(schema), $"Mapper where '{column.Name}' {what}");
    }

    private DataViewSchema Without(DataViewSchema.Column column, DataViewType? instead)
    {
        var builder = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column c in _data.Schema)
        {
            if (c.Index != column.Index)
                builder.AddColumn(c.Name, c.Type, c.Annotations);
            else if (instead is not null)
                builder.AddColumn(c.Name, instead);
        }
        return builder.ToSchema();
    }

    private void EnginesAgree()
    {
        string[] expected = [.. _context.Data.CreateEnumerable<TResult>(_model.Transform(_data), reuseRowObject: false)
            .Select(RowHash.OfObject)];
        ITransformer model = new TransformerChain<ITransformer>(_model);
        PredictionEngine<TRow, TResult> first = _context.Model.CreatePredictionEngine<TRow,
            TResult>(model, inputSchemaDefinition: _columns);
        PredictionEngine<TRow, TResult> second = _context.Model.CreatePredictionEngine<TRow,
            TResult>(model, inputSchemaDefinition: _columns);
        TResult kept = first.Predict(_rows[0]);
        Assert.AreEqual(expected[0], RowHash.OfObject(kept), "The first engine's first row");
        Assert.AreEqual(expected[1], RowHash.OfObject(second.Predict(_rows[1])), "The second engine's first row");
        first.Dispose();
        for (int i = _rows.Count - 1; i >= 0; i--)
            Assert.AreEqual(expected[i], RowHash.OfObject(second.Predict(_rows[i])),
                $"Row {i} of the second engine, the first being disposed");
        second.Dispose();
        Assert.AreEqual(expected[0], RowHash.OfObject(kept), "What an engine gave stays what it was.");
        CollectionAssert.AreEqual(_expected, RowHash.OfRows(_model.Transform(_data)), "The model still works when its engines are gone.");
    }

    private void SavedModelsGiveTheSame()
    {
        string folder = Directory.CreateTempSubdirectory("lwg-check-").FullName;
        try
        {
            string zip = Path.Combine(folder, "model.zip"), rows = Path.Combine(folder, "rows");
            _context.Model.Save(_model, _data.Schema, zip);
            ITransformer loaded = PersonTransfer.LoadModel(new MLContext(), zip, out _);
            CollectionAssert.AreEqual(_expected, RowHash.OfRows(loaded.Transform(_data)), "Saved and loaded");

            string again = Path.Combine(folder, "again.zip");
            _context.Model.Save(loaded, _data.Schema, again);
            CollectionAssert.AreEqual(_expected, RowHash.OfRows(new MLContext().Model.Load(again, out _).Transform(_data)),
                "Saved, loaded, saved and loaded");

            RowFolder.Save(_context, _data, rows);
            Assert.AreEqual(RowHash.OfData(_model.Transform(RowFolder.Load(_context, rows))), ModelHostProcess.Apply(zip, rows),
                "Loaded in a new process");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Describe(DataViewSchema.Column column) =>
        $"{column.Name}: {column.Type} {string.Join(", ", column.Annotations.Schema.Select(a => $"{a.Name}: {a.Type}"))}";

    private static string Describe(SchemaShape shape) => string.Join("; ", shape.OrderBy(c => c.Name, StringComparer.Ordinal).Select(c =>
        $"{c.Name}: {c.Kind} {(c.ItemType.RawType == typeof(MLImage) ? "image" : c.ItemType)} key {c.IsKey} [{Describe(c.Annotations)}]"));

    /// <summary>Data with a schema and no rows.</summary>
    private sealed class EmptyData(DataViewSchema schema) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => schema;

        public long? GetRowCount() => 0;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            throw new UnreachableException();

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            throw new UnreachableException();
    }
}
