namespace Lwg.MLNet.Networks;

/// <summary>A named tensor of a graph; -1 is a dimension that the data decides.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record GraphTensor(string Name, int[] Shape)
{
    /// <summary>The number of elements; 0 where a dimension is open.</summary>
    public long Count => Shape.Contains(-1) ? 0 : Shape.Aggregate(1L, (product, side) => product * side);
}

/// <summary>A tensor whose values belong to the graph itself (sizes, scales), not to its weights.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Floats">Its values, when they are floats.</param>
/// <param name="Integers">Its values, when they are integers.</param>
internal sealed record GraphConstant(string Name, int[] Shape, float[]? Floats, long[]? Integers);

/// <summary>An attribute of a node: one of a float, an integer, a text, integers.</summary>
/// <param name="Name">Its name in ONNX.</param>
/// <param name="Number">The value, when it is a float.</param>
/// <param name="Whole">The value, when it is an integer.</param>
/// <param name="Text">The value, when it is a text.</param>
/// <param name="Wholes">The value, when it is a list of integers.</param>
internal sealed record NodeSetting(string Name, float? Number = null, long? Whole = null, string? Text = null, long[]? Wholes = null);

/// <summary>One operation, named and meant as in ONNX (opset 16).</summary>
/// <param name="Operator">ONNX's name of the operator.</param>
/// <param name="Inputs">The tensors that it reads; an empty name stands for an input left out.</param>
/// <param name="Outputs">The tensors that it makes.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record GraphNode(string Operator, string[] Inputs, string[] Outputs, NodeSetting[] Attributes)
{
    /// <summary>An attribute by its name, or null.</summary>
    public NodeSetting? Find(string name) => Array.Find(Attributes, a => a.Name == name);

    /// <summary>An integer attribute.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="fallback">The value where it is absent.</param>
    public long Whole(string name, long fallback) => Find(name)?.Whole ?? fallback;

    /// <summary>A list attribute; empty where it is absent.</summary>
    public long[] Wholes(string name) => Find(name)?.Wholes ?? [];
}

/// <summary>
/// A network as a graph over named weights: the one definition from which ONNX files are written (<see cref="OnnxFile"/>) and which the
/// trainer computes. Nodes stand in the order of computation.
/// </summary>
internal sealed class NetworkGraph
{
    internal NetworkGraph(string name, IReadOnlyList<GraphTensor> inputs, IReadOnlyList<GraphTensor> outputs,
        IReadOnlyList<GraphTensor> weights,
        IReadOnlyList<GraphConstant> constants, IReadOnlyList<GraphNode> nodes) =>
        (Name, Inputs, Outputs, Weights, Constants, Nodes) = (name, inputs, outputs, weights, constants, nodes);

    /// <summary>The graph's name.</summary>
    public string Name { get; }

    /// <summary>What it reads.</summary>
    public IReadOnlyList<GraphTensor> Inputs { get; }

    /// <summary>What it makes.</summary>
    public IReadOnlyList<GraphTensor> Outputs { get; }

    /// <summary>Its weights with their shapes, in the order of use.</summary>
    public IReadOnlyList<GraphTensor> Weights { get; }

    /// <summary>Sizes and scales that are part of the definition.</summary>
    public IReadOnlyList<GraphConstant> Constants { get; }

    /// <summary>The operations, in the order of computation.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }
}
