namespace Lwg.MLNet.Networks;

/// <summary>
/// The library's estimator of people: ResNet-18 (He et al. 2016), which can begin with weights learned on photographs, and a feature
/// pyramid from coarse to fine (Lin et al. 2017) with group norm (Wu and He 2018) for maps of the key points and of the person, where each
/// key point is the mean of its map (Sun et al. 2018); and a regressor of the SMPL parameters like HMR (Kanazawa et al. 2018) from the
/// coarsest features and the key points, with rotations as two columns of their matrices (Zhou et al. 2019). Key points are local and
/// generalize from rendered people to photographs, so pose and camera can be fitted to them; the regressor's depth initializes that
/// fit.
/// </summary>
internal static class PersonNetwork
{
    /// <summary>The picture [N,3,S,S] in [-1,1].</summary>
    public const string Image = HmrNetwork.Image;

    /// <summary>The key points [N,17,3]: x and y in pixels, and the probability that each is visible, 0 to 1.</summary>
    public const string Keypoints = "Keypoints";

    /// <summary>The probability that each point of a grid is on the person [N,1,S/2,S/2], 0 to 1.</summary>
    public const string Mask = "Mask";

    /// <summary>The first two columns of the 24 rotations [N,24,6], one after the other, not normalised.</summary>
    public const string Rotations = "Rotations";

    /// <summary>Camera (s, s tx, s ty) and the ten shape parameters [N,13].</summary>
    public const string CameraAndShape = "CameraAndShape";

    /// <summary>The probabilities that there is a person, and that there are several [N,2], 0 to 1.</summary>
    public const string Presence = "Presence";

    /// <summary>The values from which <see cref="Keypoints"/> and <see cref="Mask"/> are computed, for training: the logits of the key
    /// points' maps [N,17,G], where G is the number of points of the grid.</summary>
    public const string KeypointLogits = "KeypointLogits", SeenLogits = "SeenLogits", MaskLogits = "MaskLogits",
        PresenceLogits = "PresenceLogits";

    /// <summary>The regressor's input [N,563]: pooled features, key points, and their visibility.</summary>
    public const string RegressorInput = "RegressorInput";

    /// <summary>The length of the regressor's input.</summary>
    public const int RegressorInputCount = 512 + 3 * KeypointCount;

    /// <summary>The side of its pictures in pixels.</summary>
    public const int ImageSize = 256;

    /// <summary>The number of pixels per point of the key points' maps.</summary>
    public const int GridStride = 4;

    /// <summary>The number of pixels per point of the mask.</summary>
    public const int MaskStride = 2;

    /// <summary>Precedes the names of the encoder's weights, which are otherwise those of <see cref="ResNetWeights.Folded"/>.</summary>
    public const string EncoderPrefix = "encoder.";

    private const int KeypointCount = 17, JointCount = 24, ShapeCount = 10, NeckChannels = 96, Fine = 64, Outline = 32,
        Hidden = 512, Groups = 8;

    private const float Sharpness = 2;

    /// <summary>Builds the network.</summary>
    /// <param name="size">S, a multiple of 32.</param>
    /// <param name="training">Whether it also outputs the inputs of the losses: <see cref="KeypointLogits"/>, <see cref="SeenLogits"/>,
    /// <see cref="MaskLogits"/>, <see cref="PresenceLogits"/>.</param>
    public static NetworkGraph Build(int size = ImageSize, bool training = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 32);
        if (size % 32 != 0)
            throw new ArgumentException($"The side of the pictures is {size}; multiples of 32 are allowed.", nameof(size));
        int grid = size / GridStride;
        var g = new GraphBuilder("person");
        GraphValue[] levels = ResNetNetwork.Levels(g, g.Input(Image, -1, 3, size, size), ResNetNetwork.StageCount, folded: true,
            EncoderPrefix);
        GraphValue y = Neck(g, levels);

        GraphValue logits = g.Reshape(g.Conv(y, "keypoints", KeypointCount, 1, bias: true), KeypointCount, 0, KeypointCount, -1);
        GraphValue seen = g.Reshape(g.Conv(y, "seen", KeypointCount, 1, bias: true), KeypointCount, 0, KeypointCount, -1);
        GraphValue mask = MaskOf(g, y, levels[0]);
        GraphValue map = g.Softmax(logits, 2), grids = g.Reshape(g.Constant(GridPoints(grid)), 0, grid * grid, 2);
        GraphValue places = g.MatMul(map, grids);
        GraphValue seenLogits = g.MatMul(g.Mul(map, seen),
            g.Reshape(g.Constant([.. Enumerable.Repeat(1f, grid * grid)]), 0, grid * grid, 1));
        // The builder only tracks the channels of dimension 1.
        places = places with { Channels = KeypointCount };
        GraphValue certain = g.Sigmoid(seenLogits);
        // Other candidate positions shift the mean, so the output is the mean of a sharper map.
        GraphValue peaks = training ? places : g.MatMul(g.Softmax(g.Mul(logits, g.Constant(Sharpness)), 2), grids);
        GraphValue keypoints = g.Transpose(g.Concat(Turned(g, peaks, 2), Turned(g, certain, 1)), 0, 2, 1);

        // Key points relative to the picture's centre, in halves of its side.
        GraphValue centred = g.Mul(g.Sub(places, g.Constant(size / 2f)), g.Constant(2f / size));
        GraphValue features = g.Flatten(g.AveragePool(levels[^1], size / 32), levels[^1].Channels);
        GraphValue h = g.Concat(features, g.Flatten(centred, 2 * KeypointCount), g.Flatten(certain, KeypointCount));
        (GraphValue rotations, GraphValue numbers, GraphValue presence) = Regress(g, h);

        g.Output(keypoints, Keypoints, -1, KeypointCount, 3);
        g.Output(g.Sigmoid(mask), Mask, -1, 1, size / MaskStride, size / MaskStride);
        g.Output(rotations, Rotations, -1, JointCount, 6);
        g.Output(numbers, CameraAndShape, -1, 3 + ShapeCount);
        g.Output(g.Sigmoid(presence), Presence, -1, 2);
        if (training)
        {
            g.Output(logits, KeypointLogits, -1, KeypointCount, grid * grid);
            g.Output(seenLogits, SeenLogits, -1, KeypointCount, 1);
            g.Output(mask, MaskLogits, -1, 1, size / MaskStride, size / MaskStride);
            g.Output(presence, PresenceLogits, -1, 2);
            g.Output(h, RegressorInput, -1, RegressorInputCount);
        }
        return g.Build();
    }

    // All stages added up at the first one's size.
    private static GraphValue Neck(GraphBuilder g, GraphValue[] levels)
    {
        GraphValue y = g.Conv(levels[^1], $"neck.lateral{levels.Length - 1}", NeckChannels, 1, bias: true);
        for (int level = levels.Length - 2; level > 0; level--)
        {
            y = g.Add(g.DoubleNearest(y), g.Conv(levels[level], $"neck.lateral{level}", NeckChannels, 1, bias: true));
            y = g.Relu(Norm(g, g.Conv(y, $"neck.smooth{level}", level > 1 ? NeckChannels : Fine, 3, padding: 1), $"neck.norm{level}"));
        }
        return y;
    }

    // The mask's outline is finer than the key points' maps: the first convolution's features are added.
    private static GraphValue MaskOf(GraphBuilder g, GraphValue y, GraphValue first)
    {
        GraphValue m = g.Add(g.DoubleNearest(g.Conv(y, "mask.coarse", Outline, 1, bias: true)),
            g.Conv(first, "mask.lateral", Outline, 1, bias: true));
        m = g.Relu(Norm(g, g.Conv(m, "mask.smooth", Outline, 3, padding: 1), "mask.norm"));
        return g.Conv(m, "mask.out", 1, 1, bias: true);
    }

    /// <summary>Returns the weights of the encoder's first layers, whose features suit any photograph: the first convolution and the
    /// first stage.</summary>
    /// <param name="graph">The network.</param>
    public static IEnumerable<GraphTensor> FirstLayers(NetworkGraph graph) => graph.Weights.Where(w =>
        w.Name.StartsWith(EncoderPrefix + "conv1.", StringComparison.Ordinal)
        || w.Name.StartsWith(EncoderPrefix + "layer1.", StringComparison.Ordinal));

    /// <summary>Builds the regressor alone: <see cref="RegressorInput"/> to <see cref="Rotations"/>, <see cref="CameraAndShape"/> and
    /// <see cref="PresenceLogits"/>.</summary>
    public static NetworkGraph BuildRegressor()
    {
        var g = new GraphBuilder("person's regressor");
        (GraphValue rotations, GraphValue numbers, GraphValue presence) = Regress(g, g.Input(RegressorInput, -1, RegressorInputCount));
        g.Output(rotations, Rotations, -1, JointCount, 6);
        g.Output(numbers, CameraAndShape, -1, 3 + ShapeCount);
        g.Output(presence, PresenceLogits, -1, 2);
        return g.Build();
    }

    private static (GraphValue Rotations, GraphValue Numbers, GraphValue Presence) Regress(GraphBuilder g, GraphValue h)
    {
        h = g.Relu(g.Linear(h, "regressor.fc1", Hidden));
        h = g.Relu(g.Add(h, g.Linear(h, "regressor.fc2", Hidden) with { Channels = Hidden }));
        GraphValue rotations = g.Reshape(g.Linear(h, "regressor.rotations", 6 * JointCount), JointCount, 0, JointCount, 6);
        return (rotations, g.Linear(h, "regressor.camera_shape", 3 + ShapeCount), g.Linear(h, "regressor.presence", 2));
    }

    private static GraphValue Turned(GraphBuilder g, GraphValue x, int channels) => g.Transpose(x, 0, 2, 1) with { Channels = channels };

    private static GraphValue Norm(GraphBuilder g, GraphValue x, string layer) => g.GroupNorm(x, layer, Groups);

    // The centres of the grid's cells in pixels, x and y.
    private static float[] GridPoints(int grid)
    {
        float[] points = new float[2 * grid * grid];
        for (int i = 0; i < grid * grid; i++)
            (points[2 * i], points[2 * i + 1]) = ((i % grid + 0.5f) * GridStride, (i / grid + 0.5f) * GridStride);
        return points;
    }
}
