using System.Reflection;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>Keeps the value of a column for another thread while the cursor advances.</summary>
internal abstract class ColumnSlot
{
    /// <summary>Creates a slot for a column of a cursor.</summary>
    public static ColumnSlot Of(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        Type kind = column.Type.RawType switch
        {
            { IsGenericType: true } type when type.GetGenericTypeDefinition() == typeof(VBuffer<>) =>
                typeof(VectorSlot<>).MakeGenericType(type.GetGenericArguments()),
            var type when type == typeof(MLImage) => typeof(ImageSlot),
            var type => typeof(ValueSlot<>).MakeGenericType(type),
        };
        return (ColumnSlot)Activator.CreateInstance(kind, BindingFlags.Public | BindingFlags.Instance, null, [cursor, column], null)!;
    }

    /// <summary>Reads the value of the current row.</summary>
    public abstract void Read();

    /// <summary>Disposes the value if the slot owns it; callers have copies.</summary>
    public virtual void Clear() { }
}

/// <summary>A slot for values of one type.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
internal abstract class ColumnSlot<T>(DataViewRowCursor cursor, DataViewSchema.Column column) : ColumnSlot
{
    private readonly ValueGetter<T> _get = cursor.GetGetter<T>(column);
    private T _value = default!;

    protected ref T Value => ref _value;

    public override void Read() => _get(ref _value);

    /// <summary>Copies the value for the caller.</summary>
    public abstract void CopyTo(ref T value);
}

internal sealed class ValueSlot<T>(DataViewRowCursor cursor, DataViewSchema.Column column) : ColumnSlot<T>(cursor, column)
{
    public override void CopyTo(ref T value) => value = Value;
}

internal sealed class VectorSlot<T>(DataViewRowCursor cursor, DataViewSchema.Column column) : ColumnSlot<VBuffer<T>>(cursor, column)
{
    public override void CopyTo(ref VBuffer<T> value) => Value.CopyTo(ref value);
}

/// <summary>A slot for images; the caller owns the copies.</summary>
internal sealed class ImageSlot(DataViewRowCursor cursor, DataViewSchema.Column column) : ColumnSlot<MLImage>(cursor, column)
{
    public override void CopyTo(ref MLImage value) => value = ImageMemory.Copy(Value);

    public override void Clear()
    {
        Value?.Dispose();
        Value = null!;
    }
}
