namespace Lwg.MLNet.Networks;

/// <summary>
/// The library's estimator of people: a residual network (He et al. 2016) with group norm (Wu and He 2018) and a feature pyramid from
/// coarse to fine (Lin et al. 2017) for maps of the key points and of the person, where each key point is the mean of its map (Sun et al.
/// 2018); and a regressor of the SMPL parameters like HMR (Kanazawa et al. 2018) from the coarsest features and the key points, with
/// rotations as two columns of their matrices (Zhou et al. 2019). Key points are local and generalize from rendered people to
/// photographs, so pose and camera can be fitted to them; the regressor's depth initializes that fit.
/// </summary>
internal static class PersonNetwork
{
    /// <summary>The picture [N,3,S,S] in [-1,1].</summary>
    public const string Image = HmrNetwork.Image;

    /// <summary>The key points [N,17,3]: x and y in pixels, and the probability that each is visible, 0 to 1.</summary>
    public const string Keypoints = "Keypoints";

    /// <summary>The probability that each point of a grid is on the person [N,1,S/4,S/4], 0 to 1.</summary>
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

    /// <summary>The regressor's input [N,371]: pooled features, key points, and their visibility.</summary>
    public const string RegressorInput = "RegressorInput";

    /// <summary>The length of the regressor's input.</summary>
    public const int RegressorInputCount = 320 + 3 * KeypointCount;

    /// <summary>The side of its pictures in pixels.</summary>
    public const int ImageSize = 192;

    /// <summary>The number of pixels per point of the grid.</summary>
    public const int GridStride = 4;

    private const int KeypointCount = 17, JointCount = 24, ShapeCount = 10, NeckChannels = 96, Fine = 64, Hidden = 384, Groups = 8;

    private const float Sharpness = 2;

    private static readonly int[] s_widths = [48, 96, 192, 320];

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
        GraphValue[] levels = Levels(g, g.Input(Image, -1, 3, size, size));
        GraphValue y = Neck(g, levels);

        GraphValue logits = g.Reshape(g.Conv(y, "keypoints", KeypointCount, 1, bias: true), KeypointCount, 0, KeypointCount, -1);
        GraphValue seen = g.Reshape(g.Conv(y, "seen", KeypointCount, 1, bias: true), KeypointCount, 0, KeypointCount, -1);
        GraphValue mask = g.Conv(y, "mask", 1, 1, bias: true);
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
        GraphValue features = g.Flatten(g.AveragePool(levels[3], size / 32), s_widths[3]);
        GraphValue h = g.Concat(features, g.Flatten(centred, 2 * KeypointCount), g.Flatten(certain, KeypointCount));
        (GraphValue rotations, GraphValue numbers, GraphValue presence) = Regress(g, h);

        g.Output(keypoints, Keypoints, -1, KeypointCount, 3);
        g.Output(g.Sigmoid(mask), Mask, -1, 1, grid, grid);
        g.Output(rotations, Rotations, -1, JointCount, 6);
        g.Output(numbers, CameraAndShape, -1, 3 + ShapeCount);
        g.Output(g.Sigmoid(presence), Presence, -1, 2);
        if (training)
        {
            g.Output(logits, KeypointLogits, -1, KeypointCount, grid * grid);
            g.Output(seenLogits, SeenLogits, -1, KeypointCount, 1);
            g.Output(mask, MaskLogits, -1, 1, grid, grid);
            g.Output(presence, PresenceLogits, -1, 2);
            g.Output(h, RegressorInput, -1, RegressorInputCount);
        }
        return g.Build();
    }

    // The picture at 1/4, 1/8, 1/16 and 1/32 of its size, in ever more channels.
    private static GraphValue[] Levels(GraphBuilder g, GraphValue image)
    {
        GraphValue x = g.Relu(Norm(g, g.Conv(image, "stem", 24, 3, stride: 2, padding: 1), "stem_norm"));
        var levels = new GraphValue[s_widths.Length];
        for (int level = 0; level < levels.Length; level++)
        {
            x = g.Relu(Norm(g, g.Conv(x, $"level{level}.down", s_widths[level], 3, stride: 2, padding: 1), $"level{level}.down_norm"));
            for (int block = 0; block < (level == 0 ? 1 : 2); block++)
                x = Residual(g, x, $"level{level}.block{block}");
            levels[level] = x;
        }
        return levels;
    }

    // All levels added up at the finest one's size.
    private static GraphValue Neck(GraphBuilder g, GraphValue[] levels)
    {
        GraphValue y = g.Conv(levels[3], "neck.lateral3", NeckChannels, 1, bias: true);
        for (int level = 2; level >= 0; level--)
        {
            y = g.Add(g.DoubleNearest(y), g.Conv(levels[level], $"neck.lateral{level}", NeckChannels, 1, bias: true));
            if (level > 0)
                y = g.Relu(Norm(g, g.Conv(y, $"neck.smooth{level}", NeckChannels, 3, padding: 1), $"neck.norm{level}"));
        }
        return g.Relu(Norm(g, g.Conv(y, "neck.smooth0", Fine, 3, padding: 1), "neck.norm0"));
    }

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

    private static GraphValue Residual(GraphBuilder g, GraphValue x, string layer)
    {
        GraphValue y = g.Relu(Norm(g, g.Conv(x, layer + ".conv1", x.Channels, 3, padding: 1), layer + ".norm1"));
        return g.Relu(g.Add(x, Norm(g, g.Conv(y, layer + ".conv2", x.Channels, 3, padding: 1), layer + ".norm2")));
    }

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
