using System.Collections.Frozen;

namespace Lwg.MLNet.Checkpoints;

/// <summary>The only names that a pickle may use: numpy's arrays, scipy's sparse matrices, chumpy's arrays, torch's tensors, and Python's containers.</summary>
internal static class PickleNames
{
    private static readonly FrozenSet<string> s_allowed = Names().ToFrozenSet(StringComparer.Ordinal);

    public static bool IsAllowed(string fullName) => s_allowed.Contains(fullName);

    /// <summary>The element type of a torch storage class; null for other names.</summary>
    public static string? StorageType(string fullName) => fullName switch
    {
        "torch.FloatStorage" => "f4",
        "torch.DoubleStorage" => "f8",
        "torch.HalfStorage" => "f2",
        "torch.BFloat16Storage" => "bf",
        "torch.LongStorage" => "i8",
        "torch.IntStorage" => "i4",
        "torch.ShortStorage" => "i2",
        "torch.CharStorage" => "i1",
        "torch.ByteStorage" => "u1",
        "torch.BoolStorage" => "b1",
        _ => null,
    };

    private static IEnumerable<string> Names()
    {
        foreach (string core in (string[])["numpy.core", "numpy._core"])
        {
            yield return core + ".multiarray._reconstruct";
            yield return core + ".multiarray.scalar";
            yield return core + ".numeric._frombuffer";
        }
        foreach (string kind in (string[])["csc", "csr"])
        {
            yield return $"scipy.sparse.{kind}.{kind}_matrix";
            yield return $"scipy.sparse._{kind}.{kind}_matrix";
        }
        foreach (string builtins in (string[])["__builtin__", "builtins"])
        {
            yield return builtins + ".object";
            yield return builtins + ".set";
            yield return builtins + ".bytes";
            yield return builtins + ".bytearray";
        }
        string[] others =
        [
            "numpy.ndarray", "numpy.dtype", "_codecs.encode", "collections.OrderedDict", "copy_reg._reconstructor", "copyreg._reconstructor",
            "chumpy.ch.Ch", "chumpy.reordering.Select",
            "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter", "torch.Size",
            "torch.FloatStorage", "torch.DoubleStorage", "torch.HalfStorage", "torch.BFloat16Storage", "torch.LongStorage", "torch.IntStorage", "torch.ShortStorage",
            "torch.CharStorage", "torch.ByteStorage", "torch.BoolStorage",
        ];
        foreach (string name in others)
            yield return name;
    }
}
