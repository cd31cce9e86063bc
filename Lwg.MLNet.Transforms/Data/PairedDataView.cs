using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>The pairs of every row of one data view with every row of another.</summary>
internal sealed class PairedDataView : IDataView
{
    private readonly IDataView _outer;
    private readonly IDataView _inner;

    public PairedDataView(IDataView outer, IDataView inner)
    {
        (_outer, _inner) = (outer, inner);
        foreach (DataViewSchema.Column column in inner.Schema)
        {
            if (!column.IsHidden && outer.Schema.GetColumnOrNull(column.Name) is not null)
                throw new ArgumentException($"Both data views have a column '{column.Name}'; rename one, for example with CopyColumns and "
                    + $"DropColumns.", nameof(inner));
        }
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(outer.Schema);
        builder.AddColumns(inner.Schema);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _outer.GetRowCount() * _inner.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly PairedDataView _data;
        private readonly bool[] _active;
        private readonly DataViewRowCursor _outer;
        private DataViewRowCursor? _inner;
        private long _position = -1;
        private bool _outerReady;

        public Cursor(PairedDataView data, IEnumerable<DataViewSchema.Column> columnsNeeded)
        {
            _data = data;
            _active = new bool[data.Schema.Count];
            foreach (DataViewSchema.Column column in columnsNeeded)
                _active[column.Index] = true;
            _outer = data._outer.GetRowCursor(data._outer.Schema.Where(c => _active[c.Index]));
        }

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => _data.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override bool MoveNext()
        {
            while (true)
            {
                if (_outerReady && _inner!.MoveNext())
                {
                    _position++;
                    return true;
                }
                if (!_outer.MoveNext())
                {
                    _outerReady = false;
                    _position = -1;
                    return false;
                }
                _outerReady = true;
                _inner?.Dispose();
                _inner = _data._inner.GetRowCursor(_data._inner.Schema.Where(c => _active[OuterCount + c.Index]));
            }
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active[column.Index])
                throw new ArgumentOutOfRangeException(nameof(column),
                    $"Column '{column.Name}' was not requested when the cursor was made.");
            if (column.Index < OuterCount)
                return OuterGetter<TValue>(_data._outer.Schema[column.Index]);
            return InnerGetter<TValue>(_data._inner.Schema[column.Index - OuterCount]);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _inner?.Dispose();
                _outer.Dispose();
            }
            base.Dispose(disposing);
        }

        private int OuterCount => _data._outer.Schema.Count;

        private ValueGetter<TValue> OuterGetter<TValue>(DataViewSchema.Column column)
        {
            ValueGetter<TValue> get = _outer.GetGetter<TValue>(column);
            if (get is not ValueGetter<MLImage> getImage)
                return get;

            // An image is read (and possibly decoded) once for all frames. The caller gets a copy, which it owns.
            MLImage? image = null;
            long position = -1;
            return (ValueGetter<TValue>)(Delegate)(ValueGetter<MLImage>)Copy;

            void Copy(ref MLImage value)
            {
                if (position != _outer.Position)
                {
                    getImage(ref image!);
                    position = _outer.Position;
                }
                value = ImageMemory.Copy(image);
            }
        }

        private ValueGetter<TValue> InnerGetter<TValue>(DataViewSchema.Column column)
        {
            // Every source has a new cursor over the motion.
            DataViewRowCursor? connected = null;
            ValueGetter<TValue>? get = null;
            return (ref TValue value) =>
            {
                if (connected != _inner)
                {
                    connected = _inner;
                    get = _inner!.GetGetter<TValue>(column);
                }
                get!(ref value);
            };
        }
    }
}
