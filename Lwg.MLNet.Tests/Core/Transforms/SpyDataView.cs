using Microsoft.ML;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Data that count reads by column, and that provide as many cursors as requested (row i in cursor i mod n).</summary>
internal sealed class SpyDataView(IDataView source) : IDataView
{
    /// <summary>The columns for which the last cursor was created.</summary>
    public HashSet<string> Needed { get; } = [];

    /// <summary>The number of values that were read, by column.</summary>
    public Dictionary<string, int> Reads { get; } = [];

    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        Needed.Clear();
        Needed.UnionWith(columns.Select(c => c.Name));
        return new Cursor(this, source.GetRowCursor(columns, rand), 0, 1);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return [.. Enumerable.Range(0, n).Select(i => new Cursor(this, source.GetRowCursor(columns), i, n))];
    }

    private sealed class Cursor(SpyDataView owner, DataViewRowCursor input, int first, int step) : DataViewRowCursor
    {
        private bool _started;

        public override long Position => input.Position;

        public override long Batch => input.Position;

        public override DataViewSchema Schema => input.Schema;

        public override ValueGetter<Microsoft.ML.Data.DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            ValueGetter<TValue> get = input.GetGetter<TValue>(column);
            return (ref TValue value) =>
            {
                lock (owner.Reads)
                    owner.Reads[column.Name] = owner.Reads.GetValueOrDefault(column.Name) + 1;
                get(ref value);
            };
        }

        public override bool MoveNext()
        {
            int moves = _started ? step : first + 1;
            _started = true;
            for (int i = 0; i < moves; i++)
            {
                if (!input.MoveNext())
                    return false;
            }
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}
