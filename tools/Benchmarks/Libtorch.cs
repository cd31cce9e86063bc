using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Benchmarks;

/// <summary>The same networks in libtorch, in builds that include it (-p:LwgPeers=Torch); other builds do not download it.</summary>
internal static partial class Libtorch
{
    /// <summary>The message if it is missing.</summary>
    public const string Absence = "libtorch is not in this build, so ONNX Runtime is the only peer of the networks; "
        + "-p:LwgPeers=Torch adds it (NuGet then downloads about 600 MB).";

    /// <summary>Returns a network on some threads, with random inputs; null in builds without libtorch.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="shapeOf">Returns the shape of an input.</param>
    /// <param name="threads">The number of threads.</param>
    public static Peer? PeerOf(NetworkGraph graph, INamedWeights weights, Func<GraphTensor, long[]> shapeOf, int threads = 1)
    {
        Peer? peer = null;
        Make(graph, weights, shapeOf, threads, ref peer);
        if (peer is null)
            Console.Error.WriteLine(Absence);
        return peer;
    }

    /// <summary>Returns libtorch's grid sampling of a scene's picture on one thread; null in builds without libtorch.</summary>
    public static Peer? SamplingOf(Scene scene)
    {
        Peer? peer = null;
        MakeSampling(scene, ref peer);
        return peer;
    }

    static partial void Make(NetworkGraph graph, INamedWeights weights, Func<GraphTensor, long[]> shapeOf, int threads, ref Peer? peer);

    static partial void MakeSampling(Scene scene, ref Peer? peer);
}
