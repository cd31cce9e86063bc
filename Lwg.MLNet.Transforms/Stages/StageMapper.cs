using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>A stage bound to one input schema; creates rows.</summary>
internal sealed class StageMapper(StageTransformer stage, StageBinding binding) : IRowToRowMapper
{
    public StageTransformer Stage { get; } = stage;

    public StageBinding Binding { get; } = binding;

    public DataViewSchema InputSchema => Binding.InputSchema;

    public DataViewSchema OutputSchema => Binding.OutputSchema;

    /// <summary>A column that passes through depends on itself; an output of the stage depends on all inputs of the stage.</summary>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        ArgumentNullException.ThrowIfNull(dependingColumns);
        var needed = new SortedSet<int>();
        foreach (DataViewSchema.Column column in dependingColumns)
        {
            if (column.Index < Binding.Passing.Count)
                needed.Add(Binding.Passing[column.Index]);
            else
                needed.UnionWith(Binding.InputColumns.Select(c => c.Index));
        }
        return needed.Select(i => InputSchema[i]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(activeColumns);
        return new StageRow(input, new StageColumns(this, input, activeColumns));
    }
}

/// <summary>The columns of a row or cursor of a stage: columns that pass through come from the input, outputs are computed.</summary>
internal sealed class StageColumns : IDisposable
{
    private readonly StageMapper _mapper;
    private readonly DataViewRow _input;
    private readonly bool[] _active;
    private readonly StageBuffers? _buffers;

    public StageColumns(StageMapper mapper, DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        (_mapper, _input) = (mapper, input);
        _active = new bool[mapper.OutputSchema.Count];
        foreach (DataViewSchema.Column column in activeColumns)
            _active[column.Index] = true;
        // Rows without requested outputs of the stage cost nothing.
        if (_active.AsSpan(mapper.Binding.Passing.Count).Contains(true))
            _buffers = new StageBuffers(mapper.Stage, mapper.Binding, input);
    }

    public DataViewSchema Schema => _mapper.OutputSchema;

    public bool IsActive(DataViewSchema.Column column) =>
        column.Index < _active.Length && _active[column.Index]
        && (column.Index >= _mapper.Binding.Passing.Count || _input.IsColumnActive(_input.Schema[_mapper.Binding.Passing[column.Index]]));

    public ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsActive(column))
            throw new ArgumentOutOfRangeException(nameof(column),
                $"Stage '{_mapper.Stage.StageName}': column '{column.Name}' was not requested when the cursor was made.");
        int own = column.Index - _mapper.Binding.Passing.Count;
        if (own < 0)
            return _input.GetGetter<TValue>(_input.Schema[_mapper.Binding.Passing[column.Index]]);
        Delegate getter = _buffers!.MakeGetter(_mapper.Binding.Made[own]);
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
            $"Stage '{_mapper.Stage.StageName}': column '{column.Name}' is {column.Type.RawType}, but {typeof(TValue)} was requested.");
    }

    /// <summary>Finds the stage of this library that computes a column of a row, if only stages of this library follow it. Its values are
    /// then read without a copy.</summary>
    public static (StageBuffers Maker, OutputBuffer Output)? Find(DataViewRow row, int column)
    {
        while (row is IStageRow { Columns: var columns })
        {
            StageBinding binding = columns._mapper.Binding;
            int own = column - binding.Passing.Count;
            if (own >= 0)
                return columns._buffers is { } maker ? (maker, maker.Output(binding.Made[own])) : null;
            column = binding.Passing[column];
            row = columns._input;
        }
        return null;
    }

    /// <summary>Returns the guard of the preceding stages of this library; null if there are none.</summary>
    public static RowGuard? GuardOf(DataViewRow row)
    {
        while (row is IStageRow { Columns: var columns })
        {
            if (columns._buffers is { } buffers)
                return buffers.Guard;
            row = columns._input;
        }
        return null;
    }

    public void Dispose() => _buffers?.Dispose();
}

/// <summary>A row or cursor of a stage of this library.</summary>
internal interface IStageRow
{
    StageColumns Columns { get; }
}

/// <summary>One row of a stage.</summary>
internal sealed class StageRow(DataViewRow input, StageColumns columns) : DataViewRow, IStageRow
{
    public StageColumns Columns { get; } = columns;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override DataViewSchema Schema => Columns.Schema;

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => Columns.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Columns.GetGetter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Columns.Dispose();
            input.Dispose();
        }
        base.Dispose(disposing);
    }
}

/// <summary>A cursor over a stage's rows.</summary>
internal sealed class StageCursor(DataViewRowCursor input, StageColumns columns) : DataViewRowCursor, IStageRow
{
    public StageColumns Columns { get; } = columns;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override DataViewSchema Schema => Columns.Schema;

    public override bool MoveNext() => input.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => Columns.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Columns.GetGetter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Columns.Dispose();
            input.Dispose();
        }
        base.Dispose(disposing);
    }
}

/// <summary>Data transformed by a stage; nothing is computed until a cursor reads it.</summary>
internal sealed class StageDataView(IDataView source, StageMapper mapper) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return Wrap(source.GetRowCursor(mapper.GetDependencies(needed), rand), needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return [.. source.GetRowCursorSet(mapper.GetDependencies(needed), n, rand).Select(cursor => Wrap(cursor, needed))];
    }

    private StageCursor Wrap(DataViewRowCursor cursor, DataViewSchema.Column[] needed)
    {
        try
        {
            return new StageCursor(cursor, new StageColumns(mapper, cursor, needed));
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
