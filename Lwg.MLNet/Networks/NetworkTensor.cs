using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Lwg.MLNet.Networks;

/// <summary>An input or output of a network over an array of floats: tensors of other element types have a separate array, which is
/// converted.</summary>
internal sealed class NetworkTensor : IDisposable
{
    private readonly float[] _values;
    private readonly Array? _typed;

    /// <summary>Creates the tensor.</summary>
    /// <exception cref="ModelFileException">Its element type is not supported.</exception>
    public NetworkTensor(string network, string name, float[] values, long[] shape, TensorElementType type)
    {
        _values = values;
        _typed = type switch
        {
            TensorElementType.Float => null,
            TensorElementType.Float16 => new Float16[values.Length],
            TensorElementType.Double => new double[values.Length],
            TensorElementType.UInt8 => new byte[values.Length],
            TensorElementType.Int8 => new sbyte[values.Length],
            TensorElementType.Int32 => new int[values.Length],
            TensorElementType.Int64 => new long[values.Length],
            _ => throw new ModelFileException(network, null,
                $"'{name}' is of {type}; float, float16, double, uint8, int8, int32 and int64 are supported."),
        };
        Value = _typed switch
        {
            Float16[] array => OrtValue.CreateTensorValueFromMemory(array, shape),
            double[] array => OrtValue.CreateTensorValueFromMemory(array, shape),
            byte[] array => OrtValue.CreateTensorValueFromMemory(array, shape),
            sbyte[] array => OrtValue.CreateTensorValueFromMemory(array, shape),
            int[] array => OrtValue.CreateTensorValueFromMemory(array, shape),
            long[] array => OrtValue.CreateTensorValueFromMemory(array, shape),
            _ => OrtValue.CreateTensorValueFromMemory(values, shape),
        };
    }

    /// <summary>The value that ONNX Runtime reads or writes.</summary>
    public OrtValue Value { get; }

    /// <summary>Returns whether an element type is an integer type, in which pictures are bytes.</summary>
    public static bool IsWhole(TensorElementType type) =>
        type is TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Int32 or TensorElementType.Int64;

    /// <summary>Converts the floats to the element type, before a run.</summary>
    public void Write()
    {
        switch (_typed)
        {
            case Float16[] array:
                TensorPrimitives.ConvertToHalf(_values, MemoryMarshal.Cast<Float16, Half>(array.AsSpan()));
                break;
            case double[] array:
                TensorPrimitives.ConvertChecked<float, double>(_values, array);
                break;
            case byte[] array:
                for (int i = 0; i < array.Length; i++)
                    array[i] = (byte)Math.Clamp(MathF.Round(_values[i]), 0, 255);
                break;
            case sbyte[] array:
                for (int i = 0; i < array.Length; i++)
                    array[i] = (sbyte)Math.Clamp(MathF.Round(_values[i]), -128, 127);
                break;
            case int[] array:
                for (int i = 0; i < array.Length; i++)
                    array[i] = (int)MathF.Round(_values[i]);
                break;
            case long[] array:
                for (int i = 0; i < array.Length; i++)
                    array[i] = (long)MathF.Round(_values[i]);
                break;
        }
    }

    /// <summary>Converts the values to floats, after a run.</summary>
    public void Read()
    {
        switch (_typed)
        {
            case Float16[] array:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(array.AsSpan()), _values);
                break;
            case double[] array:
                TensorPrimitives.ConvertTruncating<double, float>(array, _values);
                break;
            case byte[] array:
                TensorPrimitives.ConvertTruncating<byte, float>(array, _values);
                break;
            case sbyte[] array:
                TensorPrimitives.ConvertTruncating<sbyte, float>(array, _values);
                break;
            case int[] array:
                TensorPrimitives.ConvertTruncating<int, float>(array, _values);
                break;
            case long[] array:
                TensorPrimitives.ConvertTruncating<long, float>(array, _values);
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();
}
