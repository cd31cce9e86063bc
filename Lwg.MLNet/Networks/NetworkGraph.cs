namespace Lwg.MLNet.Networks;

/// <summary>A named tensor of a graph; -1 is a dimension that depends on the data.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record GraphTensor(string Name, int[] Shape)
{
    /// <summary>The number of elements; 0 if a dimension is open.</summary>
    public long Count => Shape.Contains(-1) ? 0 : Shape.Aggregate(1L, (product, side) => product * side);
}

/// <summary>A tensor whose values belong to the graph (sizes, scales) and not to its weights.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Floats">Its values, if they are floats.</param>
/// <param name="Integers">Its values, if they are integers.</param>
internal sealed record GraphConstant(string Name, int[] Shape, float[]? Floats, long[]? Integers);

/// <summary>An attribute of a node: a float, an integer, a string, or a list of integers.</summary>
/// <param name="Name">Its name in ONNX.</param>
/// <param name="Number">The value, if it is a float.</param>
/// <param name="Whole">The value, if it is an integer.</param>
/// <param name="Text">The value, if it is a string.</param>
/// <param name="Wholes">The value, if it is a list of integers.</param>
internal sealed record NodeSetting(string Name, float? Number = null, long? Whole = null, string? Text = null, long[]? Wholes = null);

/// <summary>An operation with the name and meaning of ONNX (opset 16).</summary>
/// <param name="Operator">The ONNX name of the operator.</param>
/// <param name="Inputs">The tensors that it reads; an empty name is an omitted input.</param>
/// <param name="Outputs">The tensors that it makes.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record GraphNode(string Operator, string[] Inputs, string[] Outputs, NodeSetting[] Attributes)
{
    /// <summary>Returns an attribute by its name, or null.</summary>
    public NodeSetting? Find(string name) => Array.Find(Attributes, a => a.Name == name);

    /// <summary>Returns an integer attribute.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="fallback">The value if it is absent.</param>
    public long Whole(string name, long fallback) => Find(name)?.Whole ?? fallback;

    /// <summary>Returns a list attribute; empty if it is absent.</summary>
    public long[] Wholes(string name) => Find(name)?.Wholes ?? [];
}

/// <summary>
/// A network as a graph over named weights: the single definition from which ONNX files are written (<see cref="OnnxFile"/>) and which
/// the trainer computes. Nodes are in the order of computation.
/// </summary>
internal sealed class NetworkGraph
{
    internal NetworkGraph(string name, IReadOnlyList<GraphTensor> inputs, IReadOnlyList<GraphTensor> outputs,
        IReadOnlyList<GraphTensor> weights,
        IReadOnlyList<GraphConstant> constants, IReadOnlyList<GraphNode> nodes) =>
        (Name, Inputs, Outputs, Weights, Constants, Nodes) = (name, inputs, outputs, weights, constants, nodes);

    /// <summary>The graph's name.</summary>
    public string Name { get; }

    /// <summary>The inputs.</summary>
    public IReadOnlyList<GraphTensor> Inputs { get; }

    /// <summary>The outputs.</summary>
    public IReadOnlyList<GraphTensor> Outputs { get; }

    /// <summary>Its weights with their shapes, in the order of use.</summary>
    public IReadOnlyList<GraphTensor> Weights { get; }

    /// <summary>Sizes and scales that are part of the definition.</summary>
    public IReadOnlyList<GraphConstant> Constants { get; }

    /// <summary>The operations, in the order of computation.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }
}
