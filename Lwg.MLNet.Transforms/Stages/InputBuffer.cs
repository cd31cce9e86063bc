using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Holds the value of an input column in the current row, and reports whether it has changed.</summary>
internal abstract class InputBuffer(string stage, StageColumn column)
{
    public string Stage { get; } = stage;

    public StageColumn Column { get; } = column;

    /// <summary>Connects the buffer to the column that provides the values.</summary>
    public abstract void Connect(DataViewRow row, DataViewSchema.Column column);

    /// <summary>Reads the current row; returns true if the value differs from the last one.</summary>
    /// <exception cref="LwgException">The row has no valid value.</exception>
    public abstract bool Read();
}

/// <summary>A dense vector of known size: the array of the stage that computed it, if it is one of this library, otherwise a
/// copy.</summary>
internal sealed class VectorInput<T>(string stage, StageColumn column, int length) : InputBuffer(stage, column) where T : unmanaged
{
    private VBuffer<T> _buffer;
    private T[]? _dense;
    private ValueGetter<VBuffer<T>>? _getter;
    private (StageBuffers Stage, VectorOutput<T> Output)? _maker;
    private T[] _before = [];
    private readonly bool _mustCheck = column.MustBeFinite && !column.IsMap && typeof(T) == typeof(float);
    private long _version;

    public T[] Values { get; private set; } = [];

    public override void Connect(DataViewRow row, DataViewSchema.Column column)
    {
        if (StageColumns.Find(row, column.Index) is { Output: VectorOutput<T> made } found && made.Values.Length == length)
        {
            (_maker, Values) = ((found.Maker, made), made.Values);
            // A new computation for a source can give the same values.
            _before = Column.OfSource ? new T[length] : [];
            return;
        }
        (_getter, Values) = (row.GetGetter<VBuffer<T>>(column), new T[length]);
    }

    public override bool Read() => _maker is var (stage, output) ? ReadMade(stage, output) : ReadCopy();

    private bool ReadMade(StageBuffers maker, VectorOutput<T> output)
    {
        maker.EnsureComputed();
        if (maker.Version == _version)
            return false;
        bool first = _version == 0;
        if (_mustCheck && output.FiniteVersion != maker.Version)
        {
            CheckFinite(MemoryMarshal.Cast<T, float>(Values));
            output.FiniteVersion = maker.Version;
        }
        _version = maker.Version;
        if (!Column.OfSource)
            return true;
        bool same = !first && MemoryMarshal.AsBytes(Values.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(_before.AsSpan()));
        Values.CopyTo(_before, 0);
        return !same;
    }

    private bool ReadCopy()
    {
        _getter!(ref _buffer);
        if (_buffer.Length != Values.Length)
            throw new InvalidOperationException(
                $"Stage '{Stage}': column '{Column.Name}' declares {Values.Length} values per row, but a row has {_buffer.Length}.");
        ReadOnlySpan<T> values = _buffer.GetValues();
        if (!_buffer.IsDense)
        {
            _buffer.CopyTo(_dense ??= new T[Values.Length]);
            values = _dense;
        }
        // Compared bitwise: 0 differs from -0, and NaN equals itself.
        ReadOnlySpan<byte> now = MemoryMarshal.AsBytes(values);
        Span<byte> before = MemoryMarshal.AsBytes(Values.AsSpan());
        if (now.SequenceEqual(before))
            return false;
        if (Column.MustBeFinite && typeof(T) == typeof(float))
            CheckFinite(MemoryMarshal.Cast<byte, float>(now));
        now.CopyTo(before);
        return true;
    }

    private void CheckFinite(ReadOnlySpan<float> values)
    {
        if (TensorPrimitives.IsFiniteAll(values))
            return;
        int i = 0;
        while (float.IsFinite(values[i]))
            i++;
        throw new LwgException(string.Create(
            CultureInfo.InvariantCulture, $"Stage '{Stage}': column '{Column.Name}': element {i} of {values.Length} is {values[i]} in "
            + $"this row; all must be finite."));
    }
}

/// <summary>One integer; for a key its value from 0 on, or -1 if it is missing.</summary>
internal sealed class IntegerInput(string stage, StageColumn column) : InputBuffer(stage, column)
{
    private int _value;
    private ValueGetter<int>? _getter;

    public int Value => _value;

    public override void Connect(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is not KeyDataViewType)
        {
            _getter = row.GetGetter<int>(column);
            return;
        }
        ValueGetter<uint> getKey = row.GetGetter<uint>(column);
        uint key = 0;
        _getter = (ref int value) =>
        {
            getKey(ref key);
            value = (int)key - 1;
        };
    }

    public override bool Read()
    {
        int before = _value;
        _getter!(ref _value);
        return _value != before;
    }
}

/// <summary>A text.</summary>
internal sealed class TextInput(string stage, StageColumn column) : InputBuffer(stage, column)
{
    private ReadOnlyMemory<char> _text;
    private ValueGetter<ReadOnlyMemory<char>>? _getter;
    private bool _read;

    public string Value { get; private set; } = "";

    public override void Connect(DataViewRow row, DataViewSchema.Column column) => _getter = row.GetGetter<ReadOnlyMemory<char>>(column);

    public override bool Read()
    {
        _getter!(ref _text);
        if (_read && _text.Span.SequenceEqual(Value))
            return false;
        (Value, _read) = (_text.ToString(), true);
        return true;
    }
}

/// <summary>An image. Only its bytes are kept between rows; the image belongs to its creator.</summary>
/// <param name="stage">The name of the stage.</param>
/// <param name="column">The column.</param>
/// <param name="height">The required height; 0 for any.</param>
/// <param name="width">The required width; 0 for any.</param>
internal sealed class ImageInput(string stage, StageColumn column, int height, int width) : InputBuffer(stage, column)
{
    private ValueGetter<MLImage>? _getter;
    private StageBuffers? _maker;
    private long _version;
    private MLImage? _image, _last;
    private byte[] _bytes = [];
    private (int Width, int Height, MLPixelFormat Format) _kind;
    private bool _peeked;

    /// <summary>The image of the current row, valid only while the row is computed.</summary>
    public MLImage Image => _image ??= Fetch();

    /// <summary>Checks whether the row has a readable image, before <see cref="InputBuffer.Read"/>.</summary>
    /// <returns>The problem, or null if there is none.</returns>
    public string? Peek()
    {
        (_image, _peeked) = (null, false);
        try
        {
            _maker?.EnsureComputed();
            if (_maker is { HasValues: false })
                return "there is no picture";
            _image = Fetch();
            _peeked = true;
            return null;
        }
        catch (ImageInputException e)
        {
            return e.Message;
        }
    }

    public override void Connect(DataViewRow row, DataViewSchema.Column column) =>
        (_getter, _maker) = (row.GetGetter<MLImage>(column), StageColumns.Find(row, column.Index)?.Maker);

    public override bool Read()
    {
        // An image that Peek has already fetched is not fetched again.
        if (!_peeked)
            _image = null;
        _peeked = false;
        _maker?.EnsureComputed();
        if (_maker is not null && _maker.Version == _version)
            return false;
        MLImage image = Image;
        // The pixels of an image do not change.
        if (ReferenceEquals(image, _last))
            return false;
        (int, int, MLPixelFormat) kind = KindOf(image);
        if (height > 0 && (image.Height != height || image.Width != width))
        {
            throw new ImageInputException(
                $"Stage '{Stage}': column '{Column.Name}' has an image of {image.Width} x {image.Height} pixels, but {width} x "
                + $"{height} are needed; CropPerson or ResizeImages make them.");
        }
        ReadOnlySpan<byte> now = image.Pixels;
        (_version, _last) = (_maker?.Version ?? 0, image);
        if (kind == _kind && now.SequenceEqual(_bytes))
            return false;
        if (_bytes.Length != now.Length)
            _bytes = new byte[now.Length];
        now.CopyTo(_bytes);
        _kind = kind;
        return true;
    }

    private (int, int, MLPixelFormat) KindOf(MLImage image)
    {
        try
        {
            return (image.Width, image.Height, image.PixelFormat);
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            throw new ImageInputException($"Stage '{Stage}': column '{Column.Name}' has a disposed image; it must not be disposed while "
                + $"its row is read.", e);
        }
    }

    private MLImage Fetch()
    {
        MLImage? image = null;
        try
        {
            _getter!(ref image!);
        }
        catch (ImageInputException e) when (_maker is null)
        {
            throw StageErrors.In(Stage, Column.Name, e);
        }
        return image ?? throw new ImageInputException($"Stage '{Stage}': column '{Column.Name}' has no image in this row.");
    }

    /// <summary>Writes the picture as planes [3,H,W] in [-1,1].</summary>
    public void ToTensor(Span<float> tensor) => ImageCodec.ToTensor(Image, tensor);

    /// <summary>Returns the pixels of the picture, composited on white.</summary>
    public PixelBuffer ToPixels() => ImageCodec.ToPixels(Image);
}
