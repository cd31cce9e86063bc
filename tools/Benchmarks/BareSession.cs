using Lwg.MLNet.Networks;
using Microsoft.ML.OnnxRuntime;

namespace Lwg.MLNet.Benchmarks;

/// <summary>A network in a plain ONNX Runtime session: arrays are bound once, with one call per run.</summary>
internal sealed class BareSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly string[] _inputs, _outputs;
    private readonly OrtValue[] _given, _made;

    /// <param name="onnx">The file's bytes.</param>
    /// <param name="graph">The network's definition, for its channels.</param>
    /// <param name="shapeOf">Returns the shape of an input or output.</param>
    /// <param name="threads">The number of threads.</param>
    public BareSession(byte[] onnx, NetworkGraph graph, Func<GraphTensor, long[]> shapeOf, int threads = 1)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = threads };
        _session = new InferenceSession(onnx, options);
        (_inputs, _outputs) = ([.. graph.Inputs.Select(t => t.Name)], [.. graph.Outputs.Select(t => t.Name)]);
        var random = new Random(4);
        (_given, _made) = ([.. graph.Inputs.Select(Bound)], [.. graph.Outputs.Select(Bound)]);

        OrtValue Bound(GraphTensor tensor)
        {
            long[] shape = shapeOf(tensor);
            float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => 2 * random.NextSingle() - 1)];
            return OrtValue.CreateTensorValueFromMemory(values, shape);
        }
    }

    public void Run() => _session.Run(_options, _inputs, _given, _outputs, _made);

    public void Dispose()
    {
        foreach (OrtValue value in _given.Concat(_made))
            value.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
