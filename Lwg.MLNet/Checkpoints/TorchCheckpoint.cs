using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Lwg.MLNet.Checkpoints;

/// <summary>One tensor of a checkpoint.</summary>
/// <param name="Name">The name.</param>
/// <param name="Shape">The shape; empty for a scalar.</param>
/// <param name="ElementType">The type in the file: float32, float16, bfloat16, float64, int64, int32, int16, int8, uint8, bool.</param>
internal sealed record TorchTensor(string Name, int[] Shape, string ElementType)
{
    internal string StorageKey { get; init; } = "";

    internal string Code { get; init; } = "";

    internal long Offset { get; init; }

    internal long[] Strides { get; init; } = [];

    /// <summary>The number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);
}

/// <summary>
/// A PyTorch checkpoint, in the zip format (since 1.6) or the legacy format of 2019 (magic number, protocol, system, pickle, storage
/// keys, storages), or safetensors. Opening reads only names and shapes; the values of a tensor are read on request, so a file of any
/// size needs little memory. Nothing in the file is run. Not thread-safe.
/// </summary>
internal sealed class TorchCheckpoint : INamedWeights, IDisposable
{
    private const long MaximumPickle = 1 << 28, MaximumRepeated = 1 << 20;
    private const string Compiled = "_orig_mod.";
    private const int MaximumTensors = 100_000, MaximumEntries = 1_000_000, MaximumDepth = 8, MaximumName = 1000, PieceBytes = 1 << 20;

    private readonly FileStream _file;
    private readonly ZipReader? _zip;
    private readonly ReadBudget _budget, _views;
    private readonly string _path;
    private readonly Dictionary<string, TorchTensor> _tensors = [];
    private readonly Dictionary<string, Storage> _storages = [];
    private readonly bool _isSafetensors;
    private readonly byte[] _piece = new byte[PieceBytes];
    private int _entries;

    private TorchCheckpoint(FileStream file, string path, bool stripModule)
    {
        (_file, _path) = (file, path);
        _views = new ReadBudget(path, file.Length, ZipReader.Ratio);
        object? root;
        if (PickleFile.IsZip(file))
        {
            _zip = new ZipReader(file, path, leaveOpen: true);
            _budget = _zip.Budget;
            root = ReadZip();
        }
        else if (FileSignature.IsSafetensors(FileSignature.Start(file), file.Length))
        {
            _budget = _views;
            _isSafetensors = true;
            foreach (SafetensorsFile.Entry entry in SafetensorsFile.Read(file, path))
                Add(entry);
            root = null;
        }
        else
        {
            _budget = new ReadBudget(path, file.Length, PickleFile.Ratio);
            root = ReadLegacy();
        }
        Collect(Unwrapped(root), "", 0);
        if (_tensors.Count == 0)
            throw new ModelFileException(path, null, "the checkpoint contains no tensors by name.");
        if (stripModule)
            Rename(Plain);
    }

    // Prefixes of wrappers: DataParallel puts one before all names, torch.compile also inside names.
    private Func<string, string> Plain
    {
        get
        {
            bool wrapped = _tensors.Keys.All(n => WithoutCompiled(n).StartsWith("module.", StringComparison.Ordinal));
            return name => wrapped ? WithoutCompiled(name)["module.".Length..] : WithoutCompiled(name);
        }
    }

    private static string WithoutCompiled(string name) =>
        name.Contains(Compiled, StringComparison.Ordinal)
        ? string.Join('.', name.Split('.').Where((part, i) => part != Compiled.TrimEnd('.') || i == name.Count(c => c == '.'))) : name;

    private void Rename(Func<string, string> rename)
    {
        if (_tensors.Keys.All(n => rename(n) == n))
            return;
        TorchTensor[] tensors = [.. _tensors.Values];
        _tensors.Clear();
        foreach (TorchTensor tensor in tensors)
        {
            string name = rename(tensor.Name);
            if (!_tensors.TryAdd(name, tensor with { Name = name }))
                throw new ModelFileException(_path, name,
                    "there are two tensors of this name, with and without the prefix of a wrapper.");
        }
    }

    private void Add(SafetensorsFile.Entry entry)
    {
        long[] strides = new long[entry.Shape.Length];
        long count = 1;
        for (int d = strides.Length - 1; d >= 0; d--)
            (strides[d], count) = (count, count * entry.Shape[d]);
        _storages[entry.Name] = new Storage(entry.Name, entry.Code, count) { Position = entry.Position };
        _views.Take(sizeof(float) * count, entry.Name);
        _tensors[entry.Name] = new TorchTensor(entry.Name, entry.Shape, entry.Type) { StorageKey = entry.Name, Code = entry.Code,
            Strides = strides };
    }

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="path">The file (.pth, .pt, .pkl, .safetensors).</param>
    /// <param name="stripModule">Whether to remove 'module.', which training on several devices puts before every name, and '_orig_mod.'
    /// of torch.compile.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged or not a checkpoint, or contains a name that is not
    /// allowed.</exception>
    public static TorchCheckpoint Open(string path, bool stripModule = true)
    {
        FileStream file = NumpyArchive.OpenForReading(path);
        try
        {
            return new TorchCheckpoint(file, path, stripModule);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            file.Dispose();
            throw new ModelFileException(path, null, "the checkpoint is damaged or truncated.", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Files of 2019 begin with the pickle of 0x1950a86a20f9469cfc6c.
    internal static ReadOnlySpan<byte> LegacyMagic => [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    /// <summary>Whether the file has the format before PyTorch 1.6.</summary>
    public bool IsLegacy => _zip is null && !_isSafetensors;

    /// <summary>The tensors, in the order of the file.</summary>
    public IReadOnlyCollection<TorchTensor> Tensors => _tensors.Values;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <inheritdoc/>
    public bool TryGetShape(string name, out int[] shape)
    {
        bool found = _tensors.TryGetValue(name, out TorchTensor? tensor);
        shape = found ? tensor!.Shape : [];
        return found;
    }

    /// <summary>Reads a tensor as 32-bit floats, in C order.</summary>
    /// <param name="name">The name of the tensor.</param>
    public float[] Read(string name)
    {
        float[] values = new float[Find(name).Count];
        Read(name, values);
        return values;
    }

    /// <inheritdoc/>
    public void Read(string name, Span<float> destination)
    {
        TorchTensor tensor = Find(name);
        if (tensor.Code.Length == 0)
            throw new ModelFileException(_path, name,
                $"its values are {tensor.ElementType}; float32, float16, bfloat16, float64, int64, int32, int16, int8, uint8 and bool "
                + $"are supported.");
        if (destination.Length != tensor.Count)
            throw new ArgumentException($"'{name}' has {tensor.Count} elements, but there is room for {destination.Length}.",
                nameof(destination));
        if (destination.IsEmpty)
            return;
        try
        {
            if (IsContiguous(tensor))
            {
                ReadElements(tensor, tensor.Offset, destination);
                return;
            }
            long last = 0;
            for (int d = 0; d < tensor.Shape.Length; d++)
                last += (tensor.Shape[d] - 1) * tensor.Strides[d];
            float[] range = new float[last + 1];
            ReadElements(tensor, tensor.Offset, range);
            Gather(tensor, range, destination);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new ModelFileException(_path, name, "its values are truncated or damaged.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _zip?.Dispose();
        _file.Dispose();
    }

    private TorchTensor Find(string name) =>
        _tensors.TryGetValue(name, out TorchTensor? tensor) ? tensor
        : throw new ModelFileException(_path, name, "the checkpoint has no tensor of this name.");

    private object? ReadZip()
    {
        ZipArchiveEntry pickle = _zip!.Entries.FirstOrDefault(e =>
            e.FullName == "data.pkl" || e.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw new ModelFileException(_path, null, "it is a zip file without 'data.pkl', so it is not a PyTorch checkpoint.");
        string prefix = pickle.FullName[..^"data.pkl".Length];
        if (_zip.Find(prefix + "byteorder") is { } order)
        {
            if (System.Text.Encoding.UTF8.GetString(_zip.Read(order, order.FullName, 16)).Trim() != "little")
                throw new ModelFileException(_path, order.FullName, "its values are big-endian, which is not supported.");
        }
        using var memory = new MemoryStream(_zip.Read(pickle, pickle.FullName, MaximumPickle));
        object? root = PickleReader.Read(memory, _path, _budget, PersistentStorage);
        foreach (Storage storage in _storages.Values.Where(s => s.Count > 0))
        {
            string name = $"{prefix}data/{storage.Key}";
            storage.Entry = _zip.Find(name) ?? throw new ModelFileException(_path, name, "the storage is missing.");
            long bytes = storage.Count * SizeOf(storage.Code);
            _zip.Check(storage.Entry, name, bytes);
            if (storage.Entry.Length != bytes)
                throw new ModelFileException(_path, name, $"the storage has {storage.Entry.Length} bytes, but {bytes} were declared.");
        }
        return root;
    }

    private object? ReadLegacy()
    {
        // Not disposed: the file is still needed.
        var buffered = new BufferedStream(_file, 1 << 16);
        byte[] start = new byte[2 + 2 + LegacyMagic.Length + 1];
        if (buffered.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || start[0] != 0x80 || start[2] != 0x8A
            || !start.AsSpan(4, LegacyMagic.Length).SequenceEqual(LegacyMagic))
        {
            string what = FileSignature.Of(FileSignature.Start(buffered, 0), _file.Length) is { } known ? $"it is {known}."
                : "neither a zip file nor one of the older format.";
            throw new ModelFileException(_path, null, "it is not a PyTorch checkpoint: " + what);
        }
        object? protocol = PickleReader.Read(buffered, _path, _budget);
        if (protocol is not 1001L)
            throw new ModelFileException(_path, null, $"its protocol is {protocol}; 1001 is supported.");
        if (PickleReader.Read(buffered, _path, _budget) is PickledDictionary system
            && system.TryGetValue("little_endian", out object? little) && little is false)
            throw new ModelFileException(_path, null, "its values are big-endian, which is not supported.");
        object? root = PickleReader.Read(buffered, _path, _budget, PersistentStorage);
        if (PickleReader.Read(buffered, _path, _budget) is not List<object?> keys)
            throw new ModelFileException(_path, null, "the list of its storages is missing.");
        long position = buffered.Position;
        Span<byte> count = stackalloc byte[8];
        foreach (object? key in keys)
        {
            if (key is not string name || !_storages.TryGetValue(name, out Storage? storage))
                throw new ModelFileException(_path, null, $"it lists a storage '{key}' that no tensor uses.");
            _file.Position = position;
            _file.ReadExactly(count);
            if (BinaryPrimitives.ReadInt64LittleEndian(count) is var elements && elements != storage.Count)
                throw new ModelFileException(_path, name, $"the storage has {elements} elements, but {storage.Count} were declared.");
            storage.Position = position + 8;
            position = storage.Position + storage.Count * SizeOf(storage.Code);
            if (position > _file.Length)
                throw new ModelFileException(_path, name, "the storage is truncated.");
        }
        if (_storages.Values.FirstOrDefault(s => s.Position < 0) is { } missing)
            throw new ModelFileException(_path, missing.Key, "the storage is missing.");
        return root;
    }

    // ('storage', class, key, device, count[, view]); a view is (key, offset, count) within a shared storage.
    private object PersistentStorage(object? id)
    {
        if (id is not PickledTuple { Items: ["storage", PickledName type, var keyItem, _, long count, ..] items }
            || PickleNames.StorageType(type.FullName) is not { } code)
            throw new ModelFileException(_path, null, "it refers to something other than tensor storages.");
        string key = keyItem switch
        {
            string text => text,
            long number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => throw new ModelFileException(_path, null, "a storage has no name."),
        };
        if (items.Length > 5 && items[5] is not null)
            throw new ModelFileException(_path, key,
                "it is a view of another storage, which only files from before 2017 contain; save the checkpoint again.");
        if (count < 0 || count > Array.MaxLength)
            throw new ModelFileException(_path, key, $"the storage claims {count} elements; at most {Array.MaxLength} are allowed.");
        if (!_storages.TryGetValue(key, out Storage? storage))
            _storages[key] = storage = new Storage(key, code, count);
        return storage.Code == code && storage.Count == count ? storage
            : throw new ModelFileException(_path, key, "the storage is declared twice, with different properties.");
    }

    private static object? Unwrapped(object? root)
    {
        foreach (string key in (string[])["state_dict", "model"])
        {
            if (root is PickledDictionary dictionary && dictionary.TryGetValue(key, out object? inner) && inner is PickledDictionary)
                return inner;
        }
        return root;
    }

    private void Collect(object? node, string prefix, int depth)
    {
        if (node is not PickledDictionary dictionary)
            return;
        if (depth > MaximumDepth)
            throw new ModelFileException(_path, prefix, $"its dictionaries are nested more than {MaximumDepth} deep.");
        foreach ((object key, object? value) in dictionary)
        {
            if (++_entries > MaximumEntries)
                throw new ModelFileException(_path, prefix, $"its dictionaries have more than {MaximumEntries} entries.");
            if (value is not (PickledCall or PickledDictionary))
                continue;
            string name = prefix.Length == 0 ? $"{key}" : $"{prefix}.{key}";
            if (name.Length > MaximumName)
                throw new ModelFileException(_path, name[..MaximumName], $"its name is longer than {MaximumName} characters.");
            if (AsTensor(value, name) is not { } tensor)
                Collect(value, name, depth + 1);
            else if (!_tensors.TryAdd(name, tensor))
                throw new ModelFileException(_path, name, "there are two tensors of this name.");
            if (_tensors.Count > MaximumTensors)
                throw new ModelFileException(_path, null, $"it has more than {MaximumTensors} tensors.");
        }
    }

    private TorchTensor? AsTensor(object? value, string name)
    {
        while (value is PickledCall { Name: "torch._utils._rebuild_parameter" or "torch.nn.parameter.Parameter",
            Arguments: [var data, ..] })
            value = data;
        if (value is not PickledCall { Name: "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor" } call)
            return null;
        if (call.Arguments is not [Storage storage, long offset, var shapeItem, var strideItem, ..])
            throw new ModelFileException(_path, name, "the tensor is not what torch writes.");
        long[] sizes = Numbers(shapeItem, name), strides = Numbers(strideItem, name);
        double count = sizes.Aggregate(1.0, (a, b) => a * b);
        if (sizes.Length != strides.Length || sizes.Length > 8 || sizes.Any(s => s is < 0 or > int.MaxValue) || strides.Any(s => s < 0)
            || offset < 0)
            throw new ModelFileException(_path, name,
                $"its shape [{string.Join(", ", sizes)}] with strides [{string.Join(", ", strides)}] is not allowed.");
        double last = offset;
        for (int d = 0; d < sizes.Length; d++)
            last += (sizes[d] - 1.0) * strides[d];
        if (count > 0 && last >= storage.Count)
            throw new ModelFileException(_path, name, $"it reaches element {last} of a storage of {storage.Count}.");
        if (count > Math.Max(storage.Count, MaximumRepeated))
            throw new ModelFileException(_path, name,
                $"it makes {count} elements of a storage of {storage.Count}; beyond {MaximumRepeated} a view must not have more than its "
                + $"storage.");
        Charge(storage, name, (long)Math.Max(count, 0), offset, count > 0 ? (long)last - offset + 1 : 0);
        return new TorchTensor(name, [.. sizes.Select(s => (int)s)], TypeName(storage.Code)) { StorageKey = storage.Key,
            Code = storage.Code, Offset = offset, Strides = strides };
    }

    // Charges the cost of reading the tensor once: its values, their range in the storage, and in a compressed storage everything before
    // it. Thousands of small views of one large storage are refused here, before any of them is read.
    private void Charge(Storage storage, string name, long count, long offset, long range)
    {
        _views.Take(sizeof(float) * Math.Max(count, range), name);
        if (storage.Entry is { } entry && entry.CompressedLength < entry.Length)
            _views.Take(offset * SizeOf(storage.Code), name);
    }

    private long[] Numbers(object? item, string name)
    {
        object?[] items = item switch
        {
            PickledTuple tuple => tuple.Items,
            PickledCall { Name: "torch.Size", Arguments: [PickledTuple tuple] } => tuple.Items,
            _ => throw new ModelFileException(_path, name, "its shape is not what torch writes."),
        };
        return [.. items.Select(i => i is long number ? number
            : throw new ModelFileException(_path, name, "its shape is not a list of sizes."))];
    }

    private static bool IsContiguous(TorchTensor tensor)
    {
        long expected = 1;
        for (int d = tensor.Shape.Length - 1; d >= 0; d--)
        {
            if (tensor.Shape[d] != 1 && tensor.Strides[d] != expected)
                return false;
            expected *= tensor.Shape[d];
        }
        return true;
    }

    private void ReadElements(TorchTensor tensor, long from, Span<float> destination)
    {
        Storage storage = _storages[tensor.StorageKey];
        int itemSize = SizeOf(storage.Code);
        if (_zip is null)
        {
            _file.Position = storage.Position + from * itemSize;
            Convert(_file, storage.Code, destination);
            return;
        }
        using Stream stream = storage.Entry!.Open();
        for (long skip = from * itemSize; skip > 0;)
        {
            int take = (int)Math.Min(skip, _piece.Length);
            stream.ReadExactly(_piece, 0, take);
            skip -= take;
        }
        Convert(stream, storage.Code, destination);
    }

    private void Convert(Stream stream, string code, Span<float> destination)
    {
        if (code == "f4" && BitConverter.IsLittleEndian)
        {
            stream.ReadExactly(MemoryMarshal.AsBytes(destination));
            return;
        }
        int itemSize = SizeOf(code);
        while (!destination.IsEmpty)
        {
            int count = Math.Min(destination.Length, _piece.Length / itemSize);
            ReadOnlySpan<byte> bytes = _piece.AsSpan(0, count * itemSize);
            stream.ReadExactly(_piece, 0, bytes.Length);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> item = bytes.Slice(i * itemSize, itemSize);
                destination[i] = code switch
                {
                    "f4" => BinaryPrimitives.ReadSingleLittleEndian(item),
                    "f8" => (float)BinaryPrimitives.ReadDoubleLittleEndian(item),
                    "f2" => (float)BinaryPrimitives.ReadHalfLittleEndian(item),
                    "bf" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(item) << 16),
                    "i8" => BinaryPrimitives.ReadInt64LittleEndian(item),
                    "i4" => BinaryPrimitives.ReadInt32LittleEndian(item),
                    "i2" => BinaryPrimitives.ReadInt16LittleEndian(item),
                    "i1" => (sbyte)item[0],
                    "b1" => item[0] != 0 ? 1 : 0,
                    _ => item[0],
                };
            }
            destination = destination[count..];
        }
    }

    private static void Gather(TorchTensor tensor, float[] range, Span<float> destination)
    {
        int[] index = new int[tensor.Shape.Length];
        long at = 0;
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = range[at];
            for (int d = index.Length - 1; d >= 0; d--)
            {
                at += tensor.Strides[d];
                if (++index[d] < tensor.Shape[d])
                    break;
                at -= index[d] * tensor.Strides[d];
                index[d] = 0;
            }
        }
    }

    private static int SizeOf(string code) => code switch
    {
        "f8" or "i8" => 8,
        "f4" or "i4" => 4,
        "f2" or "bf" or "i2" => 2,
        _ => 1,
    };

    private static string TypeName(string code) => code switch
    {
        "f4" => "float32",
        "f8" => "float64",
        "f2" => "float16",
        "bf" => "bfloat16",
        "i8" => "int64",
        "i4" => "int32",
        "i2" => "int16",
        "i1" => "int8",
        "b1" => "bool",
        _ => "uint8",
    };

    private sealed class Storage(string key, string code, long count)
    {
        public string Key => key;

        public string Code => code;

        public long Count => count;

        /// <summary>The position of the values in a file of the legacy format.</summary>
        public long Position { get; set; } = -1;

        /// <summary>The values in a zip file; null if there are none.</summary>
        public ZipArchiveEntry? Entry { get; set; }
    }
}
