namespace Lwg.MLNet.Networks.Imported;

/// <summary>
/// BlazePose's two networks in one form, regardless of their original format: the members define names, order and meaning of inputs and
/// outputs.
/// </summary>
internal static class BlazePoseNetworks
{
    /// <summary>The sides of the networks' input pictures.</summary>
    public const int DetectorSide = 224, LandmarkSide = 256;

    /// <summary>
    /// Builds the network that detects people: image [1,3,224,224] from -1 to 1 gives scores [1,2254] before the sigmoid, and boxes
    /// [1,2254,12]. The anchors are row by row, two for each of 28 x 28 cells, two for 14 x 14, six for 7 x 7.
    /// </summary>
    public static LayerNetwork Detector(LayerGraph graph, int[] outputs)
    {
        const int Anchors = 28 * 28 * 2 + 14 * 14 * 2 + 7 * 7 * 6, Numbers = 12;
        CheckInput(graph, DetectorSide);
        int boxes, scores;
        if (Find(graph, outputs, Anchors, Numbers + 1) is { } both)
        {
            scores = graph.Add(new SliceLayer("scores", both, 0, 1));
            boxes = graph.Add(new SliceLayer("boxes", both, 1, Numbers + 1));
        }
        else
        {
            scores = Needed(graph, outputs, "scores", Anchors, 1);
            boxes = Needed(graph, outputs, "boxes", Anchors, Numbers);
        }
        scores = graph.Add(new ReshapeLayer("scores", BeforeSigmoid(graph, scores), [1, Anchors]));
        return LayerNetwork.Build(graph, "blazepose_detector", "image", ("scores", scores), ("boxes", boxes));
    }

    /// <summary>
    /// Builds the network that detects landmarks: image [1,3,256,256] from 0 to 1 gives landmarks [1,195] (39 times x, y, z in pixels,
    /// visibility and presence before the sigmoid), presence [1,1] as a probability, heatmaps [1,39,64,64] and mask [1,1,256,256] before
    /// the sigmoid, and world [1,117] (39 times x, y, z in metres).
    /// </summary>
    public static LayerNetwork Landmarks(LayerGraph graph, int[] outputs)
    {
        const int Points = 39, HeatSide = 64;
        CheckInput(graph, LandmarkSide);
        int landmarks = Flat("landmarks", 5 * Points), presence = Flat("presence", 1), world = Flat("world", 3 * Points);
        if (!EndsWithSigmoid(graph, presence))
            presence = graph.Add(new SigmoidLayer("presence", presence));
        int heatmaps = BeforeSigmoid(graph, Needed(graph, outputs, "heatmaps", HeatSide, HeatSide, Points));
        int mask = BeforeSigmoid(graph, Needed(graph, outputs, "mask", LandmarkSide, LandmarkSide, 1));
        return LayerNetwork.Build(graph, "blazepose_landmarks", "image", ("landmarks", landmarks), ("presence", presence),
            ("heatmaps", heatmaps), ("mask", mask), ("world", world));

        int Flat(string name, int length)
        {
            int tensor = Find(graph, outputs, 1, 1, length) ?? Needed(graph, outputs, name, length);
            return graph.ShapeOf(tensor).Length == 2 ? tensor : graph.Add(new ReshapeLayer(name, tensor, [1, length]));
        }
    }

    private static void CheckInput(LayerGraph graph, int side)
    {
        int[] inputs = [.. graph.Inputs];
        if (inputs is not [var input] || graph.ShapeOf(input) is not [1, var rows, var columns, 3] || rows != side || columns != side)
            throw new ModelFileException(graph.Source, null,
                $"it does not read one picture [1,{side},{side},3], so it is not a supported BlazePose network.");
    }

    private static int Needed(LayerGraph graph, int[] outputs, string name, params int[] shape) => Find(graph, outputs, shape)
        ?? throw new ModelFileException(graph.Source, null,
        $"it has no output {name} [1,{string.Join(",", shape)}], so it is not a supported BlazePose network; it has "
        + $"{string.Join(", ", outputs.Select(o => $"[{string.Join(",", graph.ShapeOf(o))}]"))}.");

    private static int? Find(LayerGraph graph, int[] outputs, params int[] shape)
    {
        int[] found = [.. outputs.Where(o => graph.ShapeOf(o).Skip(1).SequenceEqual(shape))];
        return found.Length switch
        {
            0 => null,
            1 => found[0],
            _ => throw new ModelFileException(graph.Source, null,
                $"it has {found.Length} outputs [1,{string.Join(",", shape)}], so it is not a supported BlazePose network."),
        };
    }

    private static int BeforeSigmoid(LayerGraph graph, int tensor) =>
        graph.MakerOf(tensor) is SigmoidLayer sigmoid ? sigmoid.Input : tensor;

    private static bool EndsWithSigmoid(LayerGraph graph, int tensor)
    {
        while (graph.MakerOf(tensor) is ReshapeLayer reshape)
            tensor = reshape.Input;
        return graph.MakerOf(tensor) is SigmoidLayer;
    }
}
