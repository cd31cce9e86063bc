using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Benchmarks;

/// <summary>The same networks in libtorch, in builds that have it (-p:LwgPeers=Torch); the others need not download it.</summary>
internal static partial class Libtorch
{
    /// <summary>What is said where it is missing.</summary>
    public const string Absence = "libtorch is not in this build, so the networks have ONNX Runtime alone as their peer; "
        + "-p:LwgPeers=Torch adds it (NuGet then downloads some 600 MB).";

    /// <summary>A network on some threads, with random inputs; null in builds without libtorch.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="shapeOf">The shape of an input.</param>
    /// <param name="threads">On how many threads.</param>
    public static Peer? PeerOf(NetworkGraph graph, INamedWeights weights, Func<GraphTensor, long[]> shapeOf, int threads = 1)
    {
        Peer? peer = null;
        Make(graph, weights, shapeOf, threads, ref peer);
        if (peer is null)
            Console.Error.WriteLine(Absence);
        return peer;
    }

    /// <summary>Its grid sampling of a scene's picture on one thread; null in builds without libtorch.</summary>
    public static Peer? SamplingOf(Scene scene)
    {
        Peer? peer = null;
        MakeSampling(scene, ref peer);
        return peer;
    }

    static partial void Make(NetworkGraph graph, INamedWeights weights, Func<GraphTensor, long[]> shapeOf, int threads, ref Peer? peer);

    static partial void MakeSampling(Scene scene, ref Peer? peer);
}
