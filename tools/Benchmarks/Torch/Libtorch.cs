using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Torch;
using static TorchSharp.torch;

namespace Lwg.MLNet.Benchmarks;

internal static partial class Libtorch
{
    static partial void Make(NetworkGraph graph, INamedWeights weights, Func<GraphTensor, long[]> shapeOf, int threads, ref Peer? peer)
    {
        set_num_threads(threads);
        var tensors = new Dictionary<string, Tensor>();
        foreach (GraphTensor weight in graph.Weights)
        {
            float[] values = new float[weight.Count];
            weights.Read(weight.Name, values);
            tensors[weight.Name] = tensor(values).reshape([.. weight.Shape.Select(side => (long)side)]);
        }
        var module = new GraphModule(graph, tensors);
        Tensor[] inputs = [.. graph.Inputs.Select(input => 2 * rand(shapeOf(input)) - 1)];
        peer = new Peer("libtorch", () =>
        {
            using var scope = NewDisposeScope();
            using var inference = inference_mode();
            module.Forward(inputs);
        });
    }

    static partial void MakeSampling(Scene scene, ref Peer? peer)
    {
        set_num_threads(1);
        Tensor image = tensor(scene.Image).reshape(1, 3, scene.Size, scene.Size), flow = tensor(scene.Flow)
            .reshape(1, scene.Size, scene.Size, 2);
        peer = new Peer("libtorch", () =>
        {
            using var scope = NewDisposeScope();
            using var inference = inference_mode();
            nn.functional.grid_sample(image, flow, mode: GridSampleMode.Bilinear, padding_mode: GridSamplePaddingMode.Zeros,
                align_corners: false);
        });
    }
}
