using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>Data with a smoothed column of SMPL parameters. The input column is read once, when the first row is requested. Rows keep the
/// order of the data; they are never shuffled.</summary>
internal sealed class SmoothedDataView : IDataView
{
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _smpl;
    private readonly DataViewSchema.Column? _person;
    private readonly SmplSmoothingOptions _options;
    private readonly Lazy<float[][]> _smoothed;

    public SmoothedDataView(IDataView source, string outputColumn, string smplColumn, string? personColumn, SmplSmoothingOptions options)
    {
        (_source, _options) = (source, options);
        options.Check();
        _smpl = Find(smplColumn);
        if (_smpl.Type is not VectorDataViewType { Size: SmplLayout.ParameterCount } vector
            || !vector.ItemType.Equals(NumberDataViewType.Single))
            throw new ArgumentOutOfRangeException(nameof(smplColumn),
                $"SmoothSmpl needs column '{smplColumn}' to be a vector of Single [{SmplLayout.ParameterCount}], but it is {_smpl.Type}.");
        _person = personColumn is null ? null : Find(personColumn);
        if (_person is { } person && !IsKey(person.Type))
            throw new ArgumentOutOfRangeException(nameof(personColumn),
                $"SmoothSmpl needs column '{personColumn}' to be text, a key or a whole number, but it is {person.Type}.");
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(source.Schema);
        builder.AddColumn(outputColumn, new VectorDataViewType(NumberDataViewType.Single, SmplLayout.ParameterCount));
        Schema = builder.ToSchema();
        _smoothed = new Lazy<float[][]>(Compute);
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private DataViewSchema.Column Find(string name) =>
        _source.Schema.GetColumnOrNull(name)
        ?? throw new ArgumentOutOfRangeException(nameof(name), $"SmoothSmpl needs a column '{name}', but the data have no such column.");

    private static bool IsKey(DataViewType type) => type is TextDataViewType or KeyDataViewType || type.RawType == typeof(int)
        || type.RawType == typeof(long);

    private float[][] Compute()
    {
        var frames = new List<float[]>();
        var people = new Dictionary<object, List<int>>();
        using (DataViewRowCursor cursor = _source.GetRowCursor(_person is { } column ? [_smpl, column] : [_smpl]))
        {
            ValueGetter<VBuffer<float>> getSmpl = cursor.GetGetter<VBuffer<float>>(_smpl);
            Func<object> getPerson = PersonGetter(cursor);
            VBuffer<float> smpl = default;
            while (cursor.MoveNext())
            {
                getSmpl(ref smpl);
                float[] frame = new float[SmplLayout.ParameterCount];
                smpl.CopyTo(frame);
                if (Array.FindIndex(frame, v => !float.IsFinite(v)) is var bad and >= 0)
                    throw new LwgException($"SmoothSmpl: column '{_smpl.Name}', row {frames.Count}: element {bad} is {frame[bad]}; all "
                        + $"must be finite.");
                object person = getPerson();
                if (!people.TryGetValue(person, out List<int>? rows))
                    people.Add(person, rows = []);
                rows.Add(frames.Count);
                frames.Add(frame);
            }
        }
        var smoothed = new float[frames.Count][];
        foreach (List<int> rows in people.Values)
        {
            float[][] own = Smooth([.. rows.Select(r => frames[r])]);
            for (int i = 0; i < own.Length; i++)
                smoothed[rows[i]] = own[i];
        }
        return smoothed;
    }

    // Rows without a person stay as they are; for their neighbours, a pose between those before and after stands in their place.
    private float[][] Smooth(float[][] frames)
    {
        bool[] known = [.. frames.Select(f => new ReadOnlySmpl(f).Scale != 0)];
        if (!known.Contains(true))
            return frames;
        float[][] smoothed = SmplSmoothing.Smooth(SmplGaps.Fill(frames, known), _options);
        return [.. smoothed.Select((frame, i) => known[i] ? frame : frames[i])];
    }

    private Func<object> PersonGetter(DataViewRowCursor cursor)
    {
        if (_person is not { } column)
            return () => "";
        if (column.Type is TextDataViewType)
            return Getter<ReadOnlyMemory<char>>(text => text.ToString());
        if (column.Type is KeyDataViewType)
        {
            return column.Type.RawType == typeof(byte) ? Getter<byte>(key => (uint)key)
                : column.Type.RawType == typeof(ushort) ? Getter<ushort>(key => (uint)key)
                : column.Type.RawType == typeof(ulong) ? Getter<ulong>(key => key)
                : Getter<uint>(key => key);
        }
        return column.Type.RawType == typeof(int) ? Getter<int>(number => number) : Getter<long>(number => number);

        Func<object> Getter<T>(Func<T, object> toObject)
        {
            ValueGetter<T> get = cursor.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                get(ref value);
                return toObject(value);
            };
        }
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly SmoothedDataView _data;
        private readonly bool[] _active;
        private readonly DataViewRowCursor _source;
        private int _row = -1;

        public Cursor(SmoothedDataView data, IEnumerable<DataViewSchema.Column> columnsNeeded)
        {
            _data = data;
            _active = new bool[data.Schema.Count];
            foreach (DataViewSchema.Column column in columnsNeeded)
                _active[column.Index] = true;
            _source = data._source.GetRowCursor(data._source.Schema.Where(c => _active[c.Index]));
        }

        public override long Position => _source.Position;

        public override long Batch => 0;

        public override DataViewSchema Schema => _data.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => _source.GetIdGetter();

        public override bool MoveNext()
        {
            _row++;
            return _source.MoveNext();
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active[column.Index])
                throw new ArgumentOutOfRangeException(nameof(column),
                    $"Column '{column.Name}' was not requested when the cursor was made.");
            if (column.Index < _data._source.Schema.Count)
                return _source.GetGetter<TValue>(_data._source.Schema[column.Index]);
            return (ValueGetter<VBuffer<float>>)Get is ValueGetter<TValue> get ? get
                : throw new InvalidOperationException(
                $"Column '{column.Name}' is {column.Type.RawType}, but {typeof(TValue)} was requested.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _source.Dispose();
            base.Dispose(disposing);
        }

        private void Get(ref VBuffer<float> value)
        {
            float[][] all = _data._smoothed.Value;
            if (_row >= all.Length)
                throw new LwgException($"SmoothSmpl: the data had {all.Length} rows when they were smoothed, but have more now; data "
                    + $"that change cannot be smoothed.");
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, SmplLayout.ParameterCount);
            all[_row].CopyTo(editor.Values);
            value = editor.Commit();
        }
    }
}
