using System.Runtime.InteropServices;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>A numpy array of floats to pickle.</summary>
internal sealed record PythonArray(long[] Shape, float[] Values)
{
    public PythonArray(float[] values, params long[] shape) : this(shape, values) { }
}

/// <summary>Pickles objects as other software does: dictionaries, lists, texts, numbers, and arrays in the formats of numpy and
/// joblib.</summary>
internal static class PythonObjects
{
    public static byte[] Pickle(object value, bool joblib = false)
    {
        var writer = new PickleWriter();
        Write(writer, value, joblib);
        return writer.End();
    }

    /// <summary>Returns a .npy file of one object, as numpy.savez writes a dictionary.</summary>
    public static byte[] ObjectArray(object value)
    {
        var pickle = new PickleWriter();
        pickle.Global("numpy.core.multiarray", "_reconstruct").Global("numpy", "ndarray").Op("K\0\x85").Op("C\u0001b").Op([0x87, (byte)'R'])
            .Op("(K\x01)");
        pickle.Global("numpy", "dtype").Text("O8").Op("K\0K\x01\x87R").Op("(K\x03").Text("|").Op("NNN").Op("J\xff\xff\xff\xff")
            .Op("J\xff\xff\xff\xff").Op("K?tb").Op([0x89]);
        pickle.Op("](");
        Write(pickle, value, joblib: false);
        pickle.Op("etb");
        byte[] header = System.Text.Encoding.ASCII.GetBytes("{'descr': '|O', 'fortran_order': False, 'shape': (), }\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. pickle.End()];
    }

    private static void Write(PickleWriter to, object value, bool joblib)
    {
        switch (value)
        {
            case string text:
                to.Text(text);
                break;
            case int or long:
                to.Number(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case double number:
                to.Op("G").Op(BitConverter.GetBytes(number).Reverse().ToArray());
                break;
            case PythonArray array:
                if (joblib)
                    WriteJoblib(to, array);
                else
                    WriteArray(to, array);
                break;
            case (object Key, object Value)[] dictionary:
                to.Op("}(");
                foreach ((object key, object item) in dictionary)
                {
                    Write(to, key, joblib);
                    Write(to, item, joblib);
                }
                to.Op("u");
                break;
            case object[] list:
                to.Op("](");
                foreach (object item in list)
                    Write(to, item, joblib);
                to.Op("e");
                break;
            default:
                throw new NotSupportedException($"{value.GetType()}");
        }
    }

    private static void WriteArray(PickleWriter to, PythonArray array)
    {
        to.Global("numpy.core.multiarray", "_reconstruct").Global("numpy", "ndarray").Op("K\0\x85").Op("C\u0001b").Op([0x87, (byte)'R'])
            .Op("(K\x01").Numbers(array.Shape);
        DType(to);
        to.Op([0x89]).Op("B").Op(BitConverter.GetBytes(4 * array.Values.Length)).Op(MemoryMarshal.AsBytes(array.Values.AsSpan())).Op("tb");
    }

    // In joblib's format: the description of the array, padding for alignment, then the bytes.
    private static void WriteJoblib(PickleWriter to, PythonArray array)
    {
        to.Global("joblib.numpy_pickle", "NumpyArrayWrapper").Op(")\x81").Op("}(").Text("subclass").Global("numpy", "ndarray").Text("shape")
            .Numbers(array.Shape).Text("order").Text("C").Text("dtype");
        DType(to);
        to.Text("allow_mmap").Op([0x88]).Text("numpy_array_alignment_bytes").Op("K\x10").Op("ub").Op([3, 0xFF, 0xFF, 0xFF])
            .Op(MemoryMarshal.AsBytes(array.Values.AsSpan()));
    }

    private static void DType(PickleWriter to) =>
        to.Global("numpy", "dtype").Text("f4").Op("K\0K\x01\x87R").Op("(K\x03").Text("<").Op("NNN").Op("J\xff\xff\xff\xff")
        .Op("J\xff\xff\xff\xff").Op("K\0tb");
}
