using System.Collections.Frozen;

namespace Lwg.MLNet.Networks;

/// <summary>The allowed contents of a network's file, which depend on the origin of the file; <see cref="OnnxCheck"/> enforces
/// them.</summary>
internal sealed record OnnxRules
{
    /// <summary>The name of the networks under these rules in error messages.</summary>
    public required string Networks { get; init; }

    /// <summary>The allowed operators, by their ONNX names; null for all standard ONNX operators.</summary>
    public FrozenSet<string>? Operators { get; init; }

    /// <summary>
    /// The domains whose operators are allowed: the standard ONNX domain, by both its names. Vendor domains (com.microsoft) contain
    /// operators that open further files, so no external file may use them; the library does not write them either, including in
    /// quantized networks. Files optimised by ONNX Runtime contain them: a cache of such files would need separate rules, and only this
    /// library may write it.
    /// </summary>
    public FrozenSet<string> Domains { get; init; } = FrozenSet.Create(StringComparer.Ordinal, "", "ai.onnx");

    /// <summary>
    /// Whether the memory for the network's weights and runs comes from <see cref="SharedMemory"/>, which is limited. This is the only
    /// limit for networks whose operators can make tensors of any size: a check of the file cannot determine what is computed in a run.
    /// </summary>
    public bool BoundedMemory { get; init; }

    /// <summary>The time limit for one run of a network with loops.</summary>
    public TimeSpan LoopLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The networks of the library's model folders: only the operators that <see cref="GraphBuilder"/>, <see cref="OnnxFile"/>
    /// and <see cref="QuantizedGraph"/> write.</summary>
    public static OnnxRules Own { get; } = new()
    {
        Networks = "the library's own networks",
        Operators = FrozenSet.Create(
            StringComparer.Ordinal,
            "Abs", "Add", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "Constant", "Conv", "ConvTranspose",
            "DepthToSpace", "DequantizeLinear", "Div", "Expand", "Flatten", "Gemm",
            "GridSample", "Identity", "InstanceNormalization", "LeakyRelu", "MatMul", "Max", "MaxPool", "Mul", "Pad", "QuantizeLinear",
            "ReduceMax", "ReduceMin", "Relu", "Reshape", "Resize", "Shape",
            "Sigmoid", "Slice", "Softmax", "Split", "Sub", "Tanh", "Transpose"),
    };

    /// <summary>Foreign networks, mainly pose networks: all standard ONNX operators, including control flow, which some use to suppress
    /// duplicate people.</summary>
    public static OnnxRules Others { get; } = new() { Networks = "networks of others", BoundedMemory = true };
}
