using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>
/// The output of a transformer, computed for several rows in parallel: each thread has its own cursor over the whole chain, takes the
/// next row, and computes the requested columns. Order and content of the rows are the same as without parallel execution.
/// </summary>
internal sealed class ParallelDataView : IDataView
{
    private readonly ITransformer _transformer;
    private readonly IDataView _input;
    private readonly int _threads;

    public ParallelDataView(ITransformer transformer, IDataView input, int threads)
    {
        (_transformer, _input, _threads) = (transformer, input, threads);
        Schema = transformer.GetOutputSchema(input.Schema);
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    /// <summary>A thread that computes a row and waits until the row has been consumed.</summary>
    private sealed class Worker(CancellationToken cancellationToken) : IDisposable
    {
        private DataViewRowCursor? _cursor;
        private ValueGetter<DataViewRowId>? _getId;
        private DataViewRowId _id;
        private Task _task = Task.CompletedTask;

        private readonly SemaphoreSlim _ready = new(0), _goesOn = new(0);

        public ColumnSlot?[] Slots { get; private set; } = [];

        public DataViewRowId Id => _id;

        /// <summary>The error that ended the rows of this worker, or null.</summary>
        public ExceptionDispatchInfo? Error { get; private set; }

        public void Open(IDataView rows, IEnumerable<DataViewSchema.Column> columns)
        {
            DataViewSchema.Column[] own = [.. columns.Select(c => rows.Schema[c.Index])];
            _cursor = rows.GetRowCursor(own);
            _getId = _cursor.GetIdGetter();
            Slots = new ColumnSlot?[rows.Schema.Count];
            foreach (DataViewSchema.Column column in own)
                Slots[column.Index] = ColumnSlot.Of(_cursor, column);
        }

        public void Start(Action ended) =>
            _task = Task.Factory.StartNew(() =>
            Work(ended), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        public void WaitForRow() => _ready.Wait();

        public void GoOn()
        {
            foreach (ColumnSlot? slot in Slots)
                slot?.Clear();
            _goesOn.Release();
        }

        public void Dispose()
        {
            _task.Wait();
            _cursor?.Dispose();
            _ready.Dispose();
            _goesOn.Dispose();
        }

        private void Work(Action ended)
        {
            try
            {
                while (_cursor!.MoveNext())
                {
                    _getId!(ref _id);
                    foreach (ColumnSlot? slot in Slots)
                        slot?.Read();
                    _ready.Release();
                    _goesOn.Wait(cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                Error = ExceptionDispatchInfo.Capture(e);
            }
            _ready.Release();
            ended();
        }
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly ParallelDataView _data;
        private readonly SharedRows _rows;
        private readonly Worker[] _workers;
        private readonly bool[] _active;
        private readonly CancellationTokenSource _cancellation = new();
        // The order of the rows: contains a worker once for each row that it has taken.
        private readonly BlockingCollection<Worker> _order = [];
        private Worker? _current;
        private long _position = -1;
        private int _running;
        private bool _started, _disposed;

        public Cursor(ParallelDataView data, IEnumerable<DataViewSchema.Column> columnsNeeded)
        {
            _data = data;
            _active = new bool[data.Schema.Count];
            DataViewSchema.Column[] columns = [.. columnsNeeded];
            foreach (DataViewSchema.Column column in columns)
                _active[column.Index] = true;
            _rows = new SharedRows(data._input);
            _workers = [.. Enumerable.Range(0, data._threads).Select(_ => new Worker(_cancellation.Token))];
            try
            {
                foreach (Worker worker in _workers)
                    worker.Open(data._transformer.Transform(_rows.For(() => _order.Add(worker))), columns);
            }
            catch
            {
                Dispose(disposing: true);
                throw;
            }
        }

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => _data.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = Current.Id;

        public override bool MoveNext()
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Start();
            _current?.GoOn();
            _current = null;
            if (!_order.TryTake(out Worker? next, Timeout.Infinite))
            {
                // A worker that failed to read a row is not in the queue.
                Array.Find(_workers, w => w.Error is not null)?.Error!.Throw();
                _position = -1;
                return false;
            }
            next.WaitForRow();
            next.Error?.Throw();
            _current = next;
            _position++;
            return true;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active[column.Index])
                throw new ArgumentOutOfRangeException(nameof(column),
                    $"Column '{column.Name}' was not requested when the cursor was made.");
            if (_workers[0].Slots[column.Index] is not ColumnSlot<TValue>)
                throw new InvalidOperationException(
                    $"Column '{column.Name}' is {column.Type.RawType}, but {typeof(TValue)} was requested.");
            return (ref TValue value) => ((ColumnSlot<TValue>)Current.Slots[column.Index]!).CopyTo(ref value);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                _cancellation.Cancel();
                foreach (Worker worker in _workers)
                    worker.Dispose();
                _rows.Dispose();
                _order.Dispose();
                _cancellation.Dispose();
            }
            base.Dispose(disposing);
        }

        private Worker Current => _current ?? throw new InvalidOperationException("The cursor is not on a row.");

        private void Start()
        {
            if (_started)
                return;
            _started = true;
            _running = _workers.Length;
            foreach (Worker worker in _workers)
                worker.Start(ended: () =>
                {
                    if (Interlocked.Decrement(ref _running) == 0)
                        _order.CompleteAdding();
                });
        }
    }
}
