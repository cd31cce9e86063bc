using System.Collections.Frozen;

namespace Lwg.MLNet.Networks;

/// <summary>What a network's file may hold. Which rules apply depends on where the file comes from; <see cref="OnnxCheck"/> holds
/// them.</summary>
internal sealed record OnnxRules
{
    /// <summary>How messages call networks under these rules.</summary>
    public required string Networks { get; init; }

    /// <summary>The operators that are allowed, by their names in ONNX; null for all of ONNX's own.</summary>
    public FrozenSet<string>? Operators { get; init; }

    /// <summary>
    /// The domains whose operators are allowed: ONNX's own, by both its names. Vendors' domains (com.microsoft) hold operators that open
    /// further files, so no file from outside may use them; the library writes none of them either, quantized networks included. Files that
    /// ONNX Runtime optimised have them: a cache of those would need rules of its own, and must be one that this library alone writes.
    /// </summary>
    public FrozenSet<string> Domains { get; init; } = FrozenSet.Create(StringComparer.Ordinal, "", "ai.onnx");

    /// <summary>
    /// Whether what the network takes for its weights and while it runs comes out of <see cref="SharedMemory"/>, which has an end. Networks
    /// whose operators can make tensors of any size are bounded by this alone: no look at the file can tell what is computed when it runs.
    /// </summary>
    public bool BoundedMemory { get; init; }

    /// <summary>How long one run of a network with loops may take before it is ended.</summary>
    public TimeSpan LoopLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The networks of the library's own model folders: the operators that <see cref="GraphBuilder"/>, <see cref="OnnxFile"/> and
    /// <see cref="QuantizedGraph"/> write, and no others.</summary>
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

    /// <summary>The networks of others, pose networks above all: every operator of ONNX's own, control flow too, since some suppress double
    /// people by it.</summary>
    public static OnnxRules Others { get; } = new() { Networks = "networks of others", BoundedMemory = true };
}
