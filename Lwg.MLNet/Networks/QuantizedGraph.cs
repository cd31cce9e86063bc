namespace Lwg.MLNet.Networks;

/// <summary>
/// A network whose convolutions have inputs, weights and outputs in 8-bit integers (Jacob et al. 2018, section 2): each tensor has one
/// scale and one zero point, each channel's kernel one scale. Scales are constants of the graph, from ranges observed in full precision.
/// Everything else is unchanged.
/// </summary>
internal static class QuantizedGraph
{
    // Kernels use 7 bits: processors without VNNI add pairs of products in 16 bits, which 255 * 127 * 2 would overflow.
    private const float Steps = 255, KernelSteps = 63;

    private const int FewestChannels = 8;

    // ONNX's codes of the types.
    private const long Unsigned = 2, Signed = 3;

    private static readonly string[] s_ends = ["InputLow", "InputHigh", "OutputLow", "OutputHigh"];

    /// <summary>
    /// Returns the convolutions worth quantizing, by the names of their kernels: with few channels, as for those that read or make
    /// pictures, 8 bits cost more than they save.
    /// </summary>
    public static IReadOnlyList<string> Convolutions(NetworkGraph graph)
    {
        HashSet<string> kernels = [.. graph.Weights.Where(w => w.Shape is [_, >= FewestChannels, _, _]).Select(w => w.Name)];
        return [.. graph.Nodes.Where(n => n.Operator == "Conv" && kernels.Contains(n.Inputs[1])).Select(n => n.Inputs[1])];
    }

    /// <summary>Returns the names of the four values that <see cref="Observed"/> adds for a convolution, in the order of
    /// <see cref="ActivationRange"/>.</summary>
    public static IEnumerable<string> EndsOf(string convolution) => s_ends.Select(end => $"{convolution}.{end}");

    /// <summary>Returns the same network with additional scalar outputs: the smallest and the largest value of each convolution's input
    /// and output.</summary>
    public static NetworkGraph Observed(NetworkGraph graph)
    {
        HashSet<string> convolutions = [.. Convolutions(graph)];
        var nodes = new List<GraphNode>(graph.Nodes);
        var outputs = new List<GraphTensor>(graph.Outputs);
        foreach (GraphNode node in graph.Nodes.Where(n => n.Operator == "Conv" && convolutions.Contains(n.Inputs[1])))
        {
            foreach ((string name, int at) in EndsOf(node.Inputs[1]).Select((name, at) => (name, at)))
            {
                nodes.Add(new GraphNode(at % 2 == 0 ? "ReduceMin"
                    : "ReduceMax", [at < 2 ? node.Inputs[0] : node.Outputs[0]], [name], [new NodeSetting("keepdims", Whole: 0)]));
                outputs.Add(new GraphTensor(name, []));
            }
        }
        return new NetworkGraph(graph.Name, graph.Inputs, outputs, graph.Weights, graph.Constants, nodes);
    }

    /// <summary>Returns the network with quantized convolutions; those without a range stay in full precision.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="ranges">The ranges by the names of the convolutions' kernels.</param>
    public static NetworkGraph Of(NetworkGraph graph, IReadOnlyDictionary<string, ActivationRange> ranges)
    {
        var rewriting = new Rewriting(graph);
        foreach (GraphNode node in graph.Nodes)
        {
            if (node.Operator == "Conv" && ranges.TryGetValue(node.Inputs[1], out ActivationRange? range))
                rewriting.AddConvolution(node, range);
            else
                rewriting.Nodes.Add(node);
        }
        return new NetworkGraph(graph.Name, graph.Inputs, graph.Outputs, graph.Weights, rewriting.Constants, rewriting.Nodes);
    }

    private sealed class Rewriting(NetworkGraph graph)
    {
        private const string KernelStepsName = "kernel.steps", SmallestName = "kernel.smallest";

        public List<GraphConstant> Constants { get; } =
            [.. graph.Constants, new(KernelStepsName, [], [KernelSteps], null), new(SmallestName, [], [1e-30f], null)];

        public List<GraphNode> Nodes { get; } = [];

        // Runtimes fuse a convolution between such nodes to an integer convolution.
        public void AddConvolution(GraphNode node, ActivationRange range)
        {
            string kernel = node.Inputs[1], made = kernel + ".made";
            string x = Rounded(node.Inputs[0], kernel + ".x", range.InputLow, range.InputHigh, kernel + ".x.rounded");
            Nodes.Add(node with { Inputs = [x, RoundedKernel(kernel), .. node.Inputs.Skip(2)], Outputs = [made] });
            Rounded(made, kernel + ".y", range.OutputLow, range.OutputHigh, node.Outputs[0]);
        }

        // The scales are computed from the kernel, one per output channel; runtimes do that when they open the network.
        private string RoundedKernel(string kernel)
        {
            string largest = Add("ReduceMax", [Add("Abs", [kernel], kernel + ".abs")], kernel + ".largest",
                new NodeSetting("axes", Wholes: [1, 2, 3]), new NodeSetting("keepdims", Whole: 0));
            string scale = Add("Div", [Add("Max", [largest, SmallestName], kernel + ".some"), KernelStepsName], kernel + ".scale");
            string zero = Add("Cast", [Add("Sub", [scale, scale], kernel + ".nothing")], kernel + ".zero",
                new NodeSetting("to", Whole: Signed));
            return Through(kernel, scale, zero, kernel + ".rounded", new NodeSetting("axis", Whole: 0));
        }

        private string Rounded(string x, string name, float low, float high, string result)
        {
            float scale = high > low ? (high - low) / Steps : 1;
            string zero = Add("Cast", [Constant(name + ".offset", MathF.Round(-low / scale))], name + ".zero",
                new NodeSetting("to", Whole: Unsigned));
            return Through(x, Constant(name + ".scale", scale), zero, result);
        }

        private string Through(string x, string scale, string zero, string result, params NodeSetting[] settings) =>
            Add("DequantizeLinear", [Add("QuantizeLinear", [x, scale, zero], result + ".whole", settings), scale, zero], result, settings);

        private string Add(string op, string[] inputs, string result, params NodeSetting[] settings)
        {
            Nodes.Add(new GraphNode(op, inputs, [result], settings));
            return result;
        }

        private string Constant(string name, float value)
        {
            Constants.Add(new GraphConstant(name, [], [value], null));
            return name;
        }
    }
}
