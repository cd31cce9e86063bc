using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Networks;

/// <summary>The weights in an ONNX file by name, from which another graph with the same weights can be made.</summary>
internal sealed class OnnxWeights : INamedWeights
{
    private const int FloatType = 1, HalfType = 10;

    private readonly string _file;
    private readonly Dictionary<string, Tensor> _tensors = [];

    private OnnxWeights(string file) => _file = file;

    /// <summary>How the weights are stored.</summary>
    public WeightStorage Storage { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Finds the weights of a file.</summary>
    /// <param name="onnx">The file's bytes; kept.</param>
    /// <param name="file">Its name, for error messages.</param>
    /// <exception cref="ModelFileException">The file is truncated or not an ONNX file.</exception>
    public static OnnxWeights Read(ReadOnlyMemory<byte> onnx, string file)
    {
        var weights = new OnnxWeights(file);
        try
        {
            foreach (ProtobufField graph in ProtobufReader.Fields(onnx).Where(f => f.Number == 7))
            {
                foreach (ProtobufField field in ProtobufReader.Fields(graph.Bytes))
                {
                    if (field.Number == 5)
                        weights.Add(field.Bytes);
                    else if (field.Number == 1)
                        weights.AddConstant(field.Bytes);
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            throw new ModelFileException(file, null, "it is truncated or not an ONNX file.", e);
        }
        return weights;
    }

    /// <inheritdoc/>
    public bool TryGetShape(string name, out int[] shape)
    {
        bool found = _tensors.TryGetValue(name, out Tensor? tensor);
        shape = found ? tensor!.Shape : [];
        return found;
    }

    /// <inheritdoc/>
    public void Read(string name, Span<float> destination)
    {
        if (!_tensors.TryGetValue(name, out Tensor? tensor))
            throw new ModelFileException(_file, name, "there are no weights of this name.");
        ReadOnlySpan<byte> bytes = tensor.Values.Span;
        int width = Storage == WeightStorage.Half ? 2 : 4;
        if (bytes.Length != width * (long)destination.Length)
            throw new ModelFileException(_file, name,
                $"{destination.Length} values of {width} bytes are required, but there are {bytes.Length} bytes.");
        if (BitConverter.IsLittleEndian)
        {
            if (width == 2)
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), destination);
            else
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(destination);
            return;
        }
        for (int i = 0; i < destination.Length; i++)
            destination[i] = width == 2 ? (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..])
                : BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
    }

    // Weights in float16 are the values of Constant nodes.
    private void AddConstant(ReadOnlyMemory<byte> node)
    {
        List<ProtobufField> fields = [.. ProtobufReader.Fields(node)];
        if (!fields.Exists(f => f.Number == 4 && Text(f) == "Constant"))
            return;
        foreach (ProtobufField attribute in fields.Where(f => f.Number == 5))
        {
            foreach (ProtobufField tensor in ProtobufReader.Fields(attribute.Bytes).Where(f => f.Number == 5))
                Add(tensor.Bytes);
        }
    }

    private void Add(ReadOnlyMemory<byte> message)
    {
        var shape = new List<int>();
        string name = "";
        ulong type = 0;
        ReadOnlyMemory<byte> values = default;
        foreach (ProtobufField field in ProtobufReader.Fields(message))
        {
            switch (field.Number)
            {
                case 1:
                    shape.Add(checked((int)field.Varint));
                    break;
                case 2:
                    type = field.Varint;
                    break;
                case 8:
                    name = Text(field);
                    break;
                // Raw bytes, or packed floats, which are the same bytes.
                case 4 when field.Wire == ProtobufReader.BytesWire:
                case 9:
                    values = field.Bytes;
                    break;
            }
        }
        if (type is not (FloatType or HalfType))
            return;
        if (type == HalfType)
            (Storage, name) = (WeightStorage.Half, name.EndsWith(OnnxFile.HalfSuffix, StringComparison.Ordinal)
                ? name[..^OnnxFile.HalfSuffix.Length] : name);
        _tensors[name] = new Tensor([.. shape], values);
    }

    private static string Text(ProtobufField field) => Encoding.UTF8.GetString(field.Bytes.Span);

    private sealed record Tensor(int[] Shape, ReadOnlyMemory<byte> Values);
}
