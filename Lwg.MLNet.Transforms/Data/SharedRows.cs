using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>The rows of one cursor, distributed to several cursors: each row goes to the next cursor that advances. Every row is read
/// once, in order.</summary>
internal sealed class SharedRows(IDataView source) : IDisposable
{
    private readonly Lock _lock = new();
    private DataViewRowCursor? _cursor;
    private bool _ended;

    /// <summary>Creates a data view of the rows that one consumer gets.</summary>
    /// <param name="taken">Called for each row that the consumer takes, in the order of the rows.</param>
    public IDataView For(Action taken) => new Share(this, taken);

    public void Dispose() => _cursor?.Dispose();

    private sealed class Share(SharedRows rows, Action taken) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => rows.Source.Schema;

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            new Cursor(rows, taken, columnsNeeded);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded)];
    }

    private IDataView Source => source;

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly SharedRows _rows;
        private readonly Action _taken;
        private readonly ColumnSlot?[] _slots;
        private readonly ValueGetter<DataViewRowId> _getId;
        private DataViewRowId _id;
        private long _position = -1;

        public Cursor(SharedRows rows, Action taken, IEnumerable<DataViewSchema.Column> columnsNeeded)
        {
            (_rows, _taken) = (rows, taken);
            _slots = new ColumnSlot?[rows.Source.Schema.Count];
            DataViewSchema.Column[] columns = [.. columnsNeeded];
            lock (rows._lock)
            {
                // All request the same columns, because all belong to the same cursor of the same transformer.
                rows._cursor ??= rows.Source.GetRowCursor(columns);
                foreach (DataViewSchema.Column column in columns)
                    _slots[column.Index] = ColumnSlot.Of(rows._cursor, column);
                _getId = rows._cursor.GetIdGetter();
            }
        }

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => _rows.Source.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _slots[column.Index] is not null;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _id;

        public override bool MoveNext()
        {
            lock (_rows._lock)
            {
                // If reading a row fails, no consumer gets further rows.
                bool more = !_rows._ended;
                _rows._ended = true;
                if (!more || !_rows._cursor!.MoveNext())
                {
                    _position = -1;
                    return false;
                }
                _rows._ended = false;
                _position = _rows._cursor.Position;
                _taken();
                _getId(ref _id);
                foreach (ColumnSlot? slot in _slots)
                    slot?.Read();
                return true;
            }
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            _slots[column.Index] is not { } slot
            ? throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' was not requested when the cursor was made.")
            : slot is ColumnSlot<TValue> typed ? typed.CopyTo
            : throw new InvalidOperationException(
            $"Column '{column.Name}' is {column.Type.RawType}, but {typeof(TValue)} was requested.");
    }
}
