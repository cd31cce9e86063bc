using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Holds what a stage computed for an output column in the current row.</summary>
internal abstract class OutputBuffer
{
    /// <summary>A getter (ValueGetter of the column's type) that first lets the row be computed.</summary>
    public abstract Delegate MakeGetter(StageBuffers row);

    /// <summary>Leaves the row without a value: numbers are 0.</summary>
    public abstract void Clear();

    /// <summary>A getter that works for one thread at a time.</summary>
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

/// <summary>Numbers of a known count.</summary>
internal sealed class VectorOutput<T>(int length) : OutputBuffer where T : unmanaged
{
    public T[] Values { get; } = new T[length];

    /// <summary>The version of its stage at which somebody found all of the values to be finite.</summary>
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

/// <summary>One number.</summary>
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

/// <summary>An image: a new one for each who asks, who then owns it; missing in rows that are left out.</summary>
internal sealed class ImageOutput : OutputBuffer
{
    /// <summary>Makes the current row's image.</summary>
    public Func<MLImage>? Make { get; set; }

    public override void Clear()
    {
    }

    /// <summary>The image is made of planes [3,S,S] in [-1,1] that the stage fills.</summary>
    public void From(float[] tensor, int size) => Make = () => ImageCodec.ToImage(tensor, size, size);

    public override Delegate MakeGetter(StageBuffers row)
    {
        return Guarded<MLImage>(row, Get);

        void Get(ref MLImage value) => value = row.HasValues ? ImageMemory.Count(Make!()) : null!;
    }
}
