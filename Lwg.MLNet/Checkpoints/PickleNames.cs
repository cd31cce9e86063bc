using System.Collections.Frozen;

namespace Lwg.MLNet.Checkpoints;

/// <summary>
/// The names that a pickle may use: numpy arrays, scipy sparse matrices, chumpy arrays, torch tensors and Python's containers, which are
/// interpreted; and other classes, which become placeholders without meaning. Functions, and all of the modules that access the machine,
/// are refused.
/// </summary>
internal static class PickleNames
{
    private static readonly FrozenSet<string> s_allowed = Names().ToFrozenSet(StringComparer.Ordinal);

    // A file that uses these modules is suspicious, even though nothing in it is run.
    private static readonly FrozenSet<string> s_refusedModules = new HashSet<string>
    {
        "os", "posix", "nt", "ntpath", "posixpath", "sys", "subprocess", "builtins", "__builtin__", "shutil", "runpy", "socket",
        "importlib", "imp", "ctypes", "pty", "commands",
        "webbrowser", "code", "codeop", "pdb", "bdb", "timeit", "trace", "cProfile", "profile", "asyncio", "multiprocessing", "threading",
        "_thread", "signal", "platform", "tempfile", "io",
        "_io", "http", "urllib", "requests", "httplib", "ftplib", "smtplib", "marshal", "pickle", "_pickle", "dill", "cloudpickle", "types",
        "operator", "_operator", "inspect", "gc",
        "pip", "setuptools", "distutils", "pkgutil", "zipimport", "idlelib", "doctest", "unittest", "pydoc", "logging", "bz2", "gzip",
        "lzma", "zipfile", "tarfile", "sqlite3",
    }.ToFrozenSet(StringComparer.Ordinal);

    // Classes whose names do not begin with a capital letter, and functions that create harmless objects.
    private static readonly FrozenSet<string> s_placeholders = new HashSet<string>
    {
        "collections.deque", "collections.namedtuple", "torch.device", "torch.dtype", "torch.layout", "torch.memory_format",
        "datetime.datetime", "datetime.date", "datetime.time",
        "datetime.timedelta", "datetime.timezone", "functools.partial", "numpy.random._pickle.__randomstate_ctor",
        "numpy.random._pickle.__generator_ctor", "numpy.random._pickle.__bit_generator_ctor",
        "builtins.frozenset", "__builtin__.frozenset", "builtins.list", "builtins.dict", "builtins.tuple", "builtins.int", "builtins.float",
        "builtins.str", "builtins.bool", "builtins.complex",
        "builtins.slice", "builtins.range", "__builtin__.list", "__builtin__.dict", "__builtin__.tuple", "__builtin__.int",
        "__builtin__.long", "__builtin__.float", "__builtin__.str",
        "__builtin__.unicode", "__builtin__.bool", "__builtin__.complex", "__builtin__.slice", "__builtin__.xrange", "uuid.UUID",
    }.ToFrozenSet(StringComparer.Ordinal);

    private const int LongestName = 1000;

    /// <summary>Whether a name is interpreted.</summary>
    public static bool IsKnown(string fullName) => s_allowed.Contains(fullName);

    /// <summary>Whether a file may contain a name.</summary>
    public static bool IsAllowed(string module, string name)
    {
        string full = $"{module}.{name}";
        if (s_allowed.Contains(full) || s_placeholders.Contains(full))
            return true;
        if (full.Length > LongestName || s_refusedModules.Contains(module.Split('.')[0]))
            return false;
        // torch.float32 and others are types although they are not classes.
        string last = name[(name.LastIndexOf('.') + 1)..].TrimStart('_');
        return (last.Length > 0 && char.IsAsciiLetterUpper(last[0])) || IsElementType(module, name);
    }

    private static bool IsElementType(string module, string name) => module is "torch" or "numpy" && name.TrimStart('b') is var type
        && (type.StartsWith("float", StringComparison.Ordinal) || type.StartsWith("int", StringComparison.Ordinal)
        || type.StartsWith("uint", StringComparison.Ordinal)
            || type.StartsWith("complex", StringComparison.Ordinal) || type.StartsWith("ool", StringComparison.Ordinal)
            || name is "half" or "double" or "long") && name.All(char.IsAsciiLetterOrDigit);

    /// <summary>Returns the element type of a torch storage class; null for other names.</summary>
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
        foreach (string kind in (string[])["csc", "csr", "coo"])
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
            "numpy.ndarray", "numpy.dtype", "_codecs.encode", "collections.OrderedDict", "collections.defaultdict", "collections.Counter",
            "joblib.numpy_pickle.NumpyArrayWrapper", "copy_reg._reconstructor", "copyreg._reconstructor",
            "chumpy.ch.Ch", "chumpy.reordering.Select",
            "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter",
            "torch.nn.parameter.Parameter", "torch.Size",
            "torch.FloatStorage", "torch.DoubleStorage", "torch.HalfStorage", "torch.BFloat16Storage", "torch.LongStorage",
            "torch.IntStorage", "torch.ShortStorage",
            "torch.CharStorage", "torch.ByteStorage", "torch.BoolStorage",
        ];
        foreach (string name in others)
            yield return name;
    }
}
