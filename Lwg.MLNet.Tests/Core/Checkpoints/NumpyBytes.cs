using System.Text;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Makes .npy files byte by byte, including invalid ones.</summary>
internal static class NumpyBytes
{
    public static byte[] Make(string descr, string fortran, string shape, byte[] elements, byte version = 1) =>
        WithHeader($"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n", elements, version);

    public static byte[] WithHeader(string header, byte[] elements, byte version = 1)
    {
        byte[] text = Encoding.Latin1.GetBytes(header);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. elements];
    }
}
