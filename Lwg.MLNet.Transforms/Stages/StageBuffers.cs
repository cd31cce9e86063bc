using Lwg.MLNet.Estimation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The buffers and the kernel of one row or cursor. A row is computed once, when its first output is requested, and not at all
/// if the inputs are unchanged.</summary>
internal sealed class StageBuffers : IDisposable
{
    private readonly StageSignature _signature;
    private readonly InputBuffer[] _inputs;
    private readonly IntegerInput[] _statuses;
    private readonly OutputBuffer[] _outputs;
    private readonly StageKernel _kernel;
    private readonly DataViewRow _row;
    private readonly StageTransformer _stage;
    private readonly ImageInput[] _missable;
    private long _position = long.MinValue;
    private bool _prepared;
    private bool _computed;
    private bool _empty;

    public StageBuffers(StageTransformer stage, StageBinding binding, DataViewRow row)
    {
        (_stage, _signature) = (stage, stage.FullSignature);
        Binding = binding;
        _row = row;
        Guard = StageColumns.GuardOf(row)
            ?? new RowGuard(isSingleRow: row is not DataViewRowCursor, isEngine: row is not DataViewRowCursor
            && row.GetType().Namespace?.StartsWith("Microsoft.ML", StringComparison.Ordinal) == true);
        _inputs = [.. _signature.Inputs.Select(MakeInput)];
        _statuses = [.. _signature.Statuses.Select(s => new IntegerInput(_signature.Stage, s))];
        _missable = [.. _inputs.OfType<ImageInput>().Where(i => i.Column.MayBeMissing)];
        _outputs = [.. _signature.Outputs.Select(MakeOutput)];
        for (int i = 0; i < _inputs.Length; i++)
            _inputs[i].Connect(row, row.Schema[binding.InputColumns[i].Index]);
        for (int i = 0; i < _statuses.Length; i++)
            _statuses[i].Connect(row, row.Schema[binding.InputColumns[_inputs.Length + i].Index]);
        _kernel = stage.CreateKernel(this);
    }

    public StageBinding Binding { get; }

    /// <summary>Detects use by a second thread.</summary>
    public RowGuard Guard { get; }

    /// <summary>The position of the row.</summary>
    public long Position => _row.Position;

    /// <summary>The number of computations of the outputs; unchanged by <see cref="EnsureComputed"/> if the outputs are.</summary>
    public long Version { get; private set; }

    /// <summary>Whether the last computed row has values; false for a row that is skipped because of a status or a missing
    /// picture.</summary>
    public bool HasValues => !_empty;

    /// <summary>Returns the values of an input column.</summary>
    public T[] Input<T>(string name) where T : unmanaged => ((VectorInput<T>)Input(name)).Values;

    /// <summary>Returns an input image.</summary>
    public ImageInput InputImage(string name) => (ImageInput)Input(name);

    /// <summary>Returns an integer input.</summary>
    public IntegerInput InputInteger(string name) => (IntegerInput)Input(name);

    /// <summary>Returns an input text.</summary>
    public TextInput InputText(string name) => (TextInput)Input(name);

    /// <summary>Returns the array of an output column, which the kernel fills.</summary>
    public T[] Output<T>(string name) where T : unmanaged => ((VectorOutput<T>)Output(name)).Values;

    /// <summary>Returns a scalar output.</summary>
    public ScalarOutput<T> OutputScalar<T>(string name) where T : unmanaged => (ScalarOutput<T>)Output(name);

    /// <summary>Returns an output image.</summary>
    public ImageOutput OutputImage(string name) => (ImageOutput)Output(name);

    /// <summary>Creates a getter for an output column.</summary>
    public Delegate MakeGetter(int output) => _outputs[output].MakeGetter(this);

    /// <summary>Returns an output by its index.</summary>
    public OutputBuffer Output(int output) => _outputs[output];

    public void Dispose() => _kernel.Owned?.Dispose();

    private InputBuffer Input(string name) => Array.Find(_inputs, i => i.Column.Name == name)!;

    private OutputBuffer Output(string name)
    {
        for (int i = 0; i < _outputs.Length; i++)
        {
            if (_signature.Outputs[i].Name == name)
                return _outputs[i];
        }
        throw new InvalidOperationException($"Stage '{_signature.Stage}' has no output '{name}'.");
    }

    /// <summary>Computes the current row, unless it is already computed or the inputs are unchanged.</summary>
    public void EnsureComputed()
    {
        if (_computed && _row.Position == _position)
            return;
        if (IsLeftOut())
        {
            Empty();
            (_computed, _position) = (true, _row.Position);
            return;
        }
        bool changed = !_computed || _empty;
        _computed = _empty = false;
        try
        {
            Compute(changed);
        }
        catch (LwgException e)
        {
            throw StageErrors.InRow(_row.Position, e);
        }
        _computed = true;
        _position = _row.Position;
    }

    private void Compute(bool changed)
    {
        foreach (InputBuffer input in _inputs)
        {
            if (!input.Read())
                continue;
            changed = true;
            _prepared &= !input.Column.OfSource;
        }
        if (!changed)
            return;
        if (!_prepared)
            _kernel.Prepare?.Invoke();
        _prepared = true;
        _kernel.Compute();
        Version++;
    }

    private bool IsLeftOut()
    {
        bool isLeftOut = false;
        foreach (IntegerInput status in _statuses)
        {
            status.Read();
            isLeftOut |= status.Value != (int)PersonFindingStatus.Found;
        }
        return isLeftOut || IsMissing();
    }

    private bool IsMissing()
    {
        foreach (ImageInput image in _missable)
        {
            if (image.Peek() is not { } reason)
                continue;
            // Warn only at the first stage that reads the picture; the stages of FindPerson read it several times.
            if ((!_stage.IsInChain || !_signature.Outputs.Any(o => o.IsStatus))
                && StageColumns.Find(_row, Binding.InputColumns[Array.IndexOf(_inputs, image)].Index) is null)
                _stage.WarnOnce(_row.Position, image.Column.Name, reason);
            return true;
        }
        return false;
    }

    // Does not read the inputs of the row, which may have no values.
    private void Empty()
    {
        if (_empty)
            return;
        foreach (OutputBuffer output in _outputs)
            output.Clear();
        (_empty, _prepared) = (true, false);
        Version++;
    }

    private InputBuffer MakeInput(StageColumn column)
    {
        string stage = _signature.Stage;
        if (column.IsImage)
            return Binding.ImageSize(column) is (int height, int width) ? new ImageInput(stage, column, height, width)
                : new ImageInput(stage, column, 0, 0);
        if (column.ItemType is TextDataViewType)
            return new TextInput(stage, column);
        if (column.IsStatus || (column.Dimensions.Count == 0 && column.ItemType.RawType == typeof(int)))
            return new IntegerInput(stage, column);
        return column.ItemType.RawType == typeof(int) ? new VectorInput<int>(stage, column, Binding.Length(column))
            : new VectorInput<float>(stage, column, Binding.Length(column));
    }

    private OutputBuffer MakeOutput(StageColumn column)
    {
        bool integers = column.ItemType.RawType == typeof(int);
        return column.IsImage ? new ImageOutput()
            : column.ItemType is KeyDataViewType ? new ScalarOutput<uint>()
            : column.ItemType.RawType == typeof(bool) ? new ScalarOutput<bool>()
            : column.Dimensions.Count == 0 ? integers ? new ScalarOutput<int>() : new ScalarOutput<float>()
            : integers ? new VectorOutput<int>(Binding.Length(column)) : new VectorOutput<float>(Binding.Length(column));
    }
}
