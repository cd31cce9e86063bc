using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Runs a graph once in ONNX Runtime, from its written file.</summary>
internal static class OnnxRun
{
    /// <summary>Returns the bytes of the file.</summary>
    public static byte[] File(NetworkGraph graph, INamedWeights weights, WeightStorage storage = WeightStorage.Full)
    {
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, graph, weights, storage);
        return stream.ToArray();
    }

    /// <summary>Computes the outputs by name. Open dimensions of the outputs are given by <paramref name="outputs"/>.</summary>
    public static Dictionary<string, float[]> Compute(
        NetworkGraph graph, INamedWeights weights, (string Name, float[] Values, long[] Shape)[] inputs,
        (string Name, long[] Shape)[] outputs, WeightStorage storage = WeightStorage.Full)
    {
        using NetworkSession session = NetworkSession.Open(File(graph, weights, storage), graph.Name,
            new NetworkRuntimeOptions { IntraOpNumThreads = 2 });
        var results = outputs.ToDictionary(o => o.Name, o => new float[o.Shape.Aggregate(1L, (a, b) => a * b)]);
        using NetworkRun run = session.CreateRun([.. inputs, .. outputs.Select(o => (o.Name, results[o.Name], o.Shape))]);
        run.Run();
        return results;
    }
}
