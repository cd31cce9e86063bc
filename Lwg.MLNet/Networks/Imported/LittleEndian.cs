using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Lwg.MLNet.Networks.Imported;

/// <summary>Reads little-endian numbers.</summary>
internal static class LittleEndian
{
    /// <summary>Reads floats of 32 or 16 bits.</summary>
    public static float[] Floats(ReadOnlySpan<byte> bytes, bool half)
    {
        float[] values = new float[bytes.Length / (half ? 2 : 4)];
        if (BitConverter.IsLittleEndian)
        {
            if (half)
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
            else
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
            return values;
        }
        for (int i = 0; i < values.Length; i++)
            values[i] = half ? (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..])
                : BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
        return values;
    }
}
