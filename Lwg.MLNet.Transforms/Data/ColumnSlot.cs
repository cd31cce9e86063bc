using System.Reflection;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>Keeps the value of a column while its cursor goes on, so that another thread can have it.</summary>
internal abstract class ColumnSlot
{
    /// <summary>A slot for a column of a cursor.</summary>
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

    /// <summary>Takes the value of the cursor's row.</summary>
    public abstract void Read();

    /// <summary>Ends the value, where it was made for this slot: everybody else has a copy.</summary>
    public virtual void Clear() { }
}

/// <summary>A slot for values of one type.</summary>
/// <typeparam name="T">Their type.</typeparam>
internal abstract class ColumnSlot<T>(DataViewRowCursor cursor, DataViewSchema.Column column) : ColumnSlot
{
    private readonly ValueGetter<T> _get = cursor.GetGetter<T>(column);
    private T _value = default!;

    protected ref T Value => ref _value;

    public override void Read() => _get(ref _value);

    /// <summary>Gives a value of his own to who asks.</summary>
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

/// <summary>Who asks for an image owns what he gets.</summary>
internal sealed class ImageSlot(DataViewRowCursor cursor, DataViewSchema.Column column) : ColumnSlot<MLImage>(cursor, column)
{
    public override void CopyTo(ref MLImage value) => value = ImageMemory.Copy(Value);

    public override void Clear()
    {
        Value?.Dispose();
        Value = null!;
    }
}
