using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Holds the computed value of an output column in the current row.</summary>
internal abstract class OutputBuffer
{
    /// <summary>Creates a getter (ValueGetter of the column's type) that computes the row if necessary.</summary>
    public abstract Delegate MakeGetter(StageBuffers row);

    /// <summary>Sets the row to no value; numeric values are 0.</summary>
    public abstract void Clear();

    /// <summary>Creates a getter that only one thread can use at a time.</summary>
    protected static ValueGetter<TValue> Guarded<TValue>(StageBuffers row, ValueGetter<TValue> read)
    {
        return Get;

        void Get(ref TValue value)
        {
            row.Guard.Enter(row.Position);
            bool succeeded = false;
            try
            {
                row.EnsureComputed();
                read(ref value);
                succeeded = true;
            }
            finally
            {
                row.Guard.Leave(row.Position, succeeded);
            }
        }
    }
}

/// <summary>A numeric vector of known size.</summary>
internal sealed class VectorOutput<T>(int length) : OutputBuffer where T : unmanaged
{
    public T[] Values { get; } = new T[length];

    /// <summary>The last version of the stage for which all values have been checked to be finite.</summary>
    public long FiniteVersion { get; set; }

    public override void Clear() => Array.Clear(Values);

    public override Delegate MakeGetter(StageBuffers row)
    {
        return Guarded<VBuffer<T>>(row, Get);

        void Get(ref VBuffer<T> value)
        {
            VBufferEditor<T> editor = VBufferEditor.Create(ref value, Values.Length);
            Values.CopyTo(editor.Values);
            value = editor.Commit();
        }
    }
}

/// <summary>One numeric value.</summary>
internal sealed class ScalarOutput<T> : OutputBuffer where T : unmanaged
{
    public T Value { get; set; }

    public override void Clear() => Value = default;

    public override Delegate MakeGetter(StageBuffers row)
    {
        return Guarded<T>(row, Get);

        void Get(ref T value) => value = Value;
    }
}

/// <summary>An image. Each read creates a new one, which the caller owns; missing in skipped rows.</summary>
internal sealed class ImageOutput : OutputBuffer
{
    /// <summary>Creates the image of the current row.</summary>
    public Func<MLImage>? Make { get; set; }

    public override void Clear()
    {
    }

    /// <summary>Creates the image from planes [3,S,S] in [-1,1] that the stage fills.</summary>
    public void From(float[] tensor, int size) => Make = () => ImageCodec.ToImage(tensor, size, size);

    public override Delegate MakeGetter(StageBuffers row)
    {
        return Guarded<MLImage>(row, Get);

        void Get(ref MLImage value) => value = row.HasValues ? ImageMemory.Count(Make!()) : null!;
    }
}
