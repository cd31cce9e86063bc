namespace Lwg.MLNet.Networks;

/// <summary>Where the transfer stream uses the source's warped features (Liu et al. 2019, section 3.2, figure 3).</summary>
public enum FeatureWarping
{
    /// <summary>Nowhere: the stream only reads the warped picture in its input ('texture warping').</summary>
    None,

    /// <summary>Only after the last level of the encoder ('feature warping').</summary>
    OneLevel,

    /// <summary>Liquid warping blocks after the encoder's levels 1 and up and after every residual block.</summary>
    AllLevels,
}

/// <summary>The sizes of a Liquid Warping GAN generator.</summary>
public sealed record GeneratorShape
{
    /// <summary>d, the channels of level 0, 1 to 256; the published models have 64.</summary>
    public int Width { get; init; } = 64;

    /// <summary>The number of times the encoder halves the picture, 1 to 5; each level doubles the channels.</summary>
    public int Levels { get; init; } = 3;

    /// <summary>The number of residual blocks of each stream, 0 to 32.</summary>
    public int Blocks { get; init; } = 6;

    /// <summary>Where features are warped.</summary>
    public FeatureWarping Warping { get; init; } = FeatureWarping.AllLevels;

    /// <summary>Whether features are sampled with aligned corners: true for the checkpoints of the ICCV version, false for those of
    /// iPERCore.</summary>
    public bool AlignCorners { get; init; } = true;

    /// <summary>The required divisor of the sides of its pictures.</summary>
    public int Multiple => 1 << Levels;

    /// <summary>Validates the sizes.</summary>
    /// <exception cref="ArgumentException">A size is outside its range.</exception>
    public void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Width, 256);
        ArgumentOutOfRangeException.ThrowIfLessThan(Levels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Levels, 5);
        ArgumentOutOfRangeException.ThrowIfLessThan(Blocks, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Blocks, 32);
        if (!Enum.IsDefined(Warping))
            throw new ArgumentOutOfRangeException(nameof(Warping), Warping, "It is not a way of warping.");
    }
}

/// <summary>
/// The generator of Liquid Warping GAN (Liu et al. 2019, section 3.2) as three graphs: the background net, the source stream, whose
/// features are computed once per source, and the transfer stream. Weight names are those of the published checkpoints.
/// </summary>
internal static class GeneratorNetwork
{
    /// <summary>The names of the graphs' inputs and outputs.</summary>
    public const string BackgroundInput = "BackgroundInput", ForegroundInput = "ForegroundInput", TransferInput = "TransferInput",
        Flow = "T",
        Background = "Background", Color = "Color", Mask = "Mask";

    /// <summary>Builds the background net: BackgroundInput [N,4,S,S] to Background [N,3,S,S] in [-1,1].</summary>
    /// <param name="shape">The sizes.</param>
    public static NetworkGraph BuildBackground(GeneratorShape shape)
    {
        Checked(shape);
        var g = new GraphBuilder("background");
        int layer = 0;
        string Next(int step)
        {
            string name = $"bg_model.model.{layer}";
            layer += step;
            return name;
        }
        GraphValue Normalized(GraphValue x) => g.Relu(g.InstanceNorm(x, Next(2)));

        GraphValue x = Normalized(g.Conv(g.Input(BackgroundInput, -1, 4, -1, -1), Next(1), shape.Width, 7, padding: 3));
        for (int level = 1; level <= shape.Levels; level++)
            x = Normalized(g.Conv(x, Next(1), shape.Width << level, 3, stride: 2, padding: 1));
        for (int block = 0; block < shape.Blocks; block++)
            x = Residual(g, x, Next(1));
        for (int level = shape.Levels - 1; level >= 0; level--)
            x = Normalized(g.ConvTranspose(x, Next(1), shape.Width << level));
        x = g.Tanh(g.Conv(x, Next(1), 3, 7, padding: 3));
        g.Output(x, Background, -1, 3, -1, -1);
        return g.Build();
    }

    /// <summary>Builds the source stream: ForegroundInput [N,6,S,S] to its features, and optionally to the source's own Color [N,3,S,S]
    /// and Mask [N,1,S,S].</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="withReconstruction">Whether decoder and heads are included (for training; the transfer does not need them).</param>
    public static NetworkGraph BuildSource(GeneratorShape shape, bool withReconstruction = false)
    {
        Checked(shape);
        var g = new GraphBuilder("source");
        GraphValue x = g.Input(ForegroundInput, -1, 6, -1, -1);
        List<GraphValue> skips = [], features = [];
        for (int level = 0; level <= shape.Levels; level++)
        {
            x = Encode(g, x, "src_model", level, shape.Width);
            skips.Add(x);
            if (level > 0)
                features.Add(x);
        }
        for (int block = 0; block < shape.Blocks; block++)
            features.Add(x = Residual(g, x, $"src_model.resnets.{block}"));
        int at = 0;
        foreach ((string name, int channels) in Features(shape))
        {
            GraphValue feature = features[at++];
            if (Warps(shape, at))
                g.Output(feature, name, -1, channels, -1, -1);
        }
        if (withReconstruction)
            Decode(g, x, skips, "src_model", shape);
        return g.Build();
    }

    /// <summary>Builds the transfer stream: TransferInput [N,6,S,S], T [N,S,S,2] and the source's features to Color [N,3,S,S] and Mask
    /// [N,1,S,S].</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="sources">The number of source streams: 1 (imitation, views) or 2 (appearance transfer, with the additional inputs T2
    /// and the second features, whose names end in '2').</param>
    public static NetworkGraph BuildTransfer(GeneratorShape shape, int sources = 1)
    {
        Checked(shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(sources, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sources, 2);
        return Transfer(shape, quarters: false, g =>
        {
            List<(string Name, int Channels)> features = [.. Features(shape)];
            var streams = new List<Func<int, int, GraphValue>>();
            for (int s = 1; s <= sources && shape.Warping != FeatureWarping.None; s++)
                streams.Add(WarpedFeatures(g, shape, features, s == 1 ? "" : "2"));
            return (value, feature, level) => streams.Aggregate(value, (sum, stream) => g.Add(sum, stream(feature, level)));
        });
    }

    /// <summary>
    /// Builds the transfer stream for features warped outside of it: TransferInput [N,6,S,S] and, for each of
    /// <see cref="SourceFeatures"/>, the warped feature (for two sources their sum), named <see cref="WarpedName"/>. Weights and results
    /// are those of <see cref="BuildTransfer"/>.
    /// </summary>
    /// <param name="shape">The sizes.</param>
    public static NetworkGraph BuildTransferOfWarped(GeneratorShape shape)
    {
        Checked(shape);
        return Transfer(shape, quarters: true, g =>
        {
            List<GraphValue> warped = [.. Features(shape)
                .Select((f, k) => Warps(shape, k + 1) ? g.Input(WarpedName(f.Name), -1, f.Channels, -1, -1) : default)];
            return (value, feature, _) => g.Add(value, warped[feature - 1]);
        });
    }

    /// <summary>Returns the name of a warped source feature.</summary>
    /// <param name="feature">One of <see cref="SourceFeatures"/>.</param>
    public static string WarpedName(string feature) => "Warped" + feature;

    private static NetworkGraph Transfer(GeneratorShape shape, bool quarters, Func<GraphBuilder, Func<GraphValue, int, int,
        GraphValue>> warping)
    {
        var g = new GraphBuilder("transfer");
        GraphValue x = g.Input(TransferInput, -1, 6, -1, -1);
        Func<GraphValue, int, int, GraphValue> add = warping(g);
        GraphValue WithSource(GraphValue value, int feature, int level) => Warps(shape, feature) ? add(value, feature, level) : value;

        var skips = new List<GraphValue>();
        for (int level = 0; level <= shape.Levels; level++)
        {
            x = Encode(g, x, "tsf_model", level, shape.Width);
            if (level > 0)
                x = WithSource(x, level, level);
            skips.Add(x);
        }
        for (int block = 0; block < shape.Blocks; block++)
            x = WithSource(Residual(g, x, $"tsf_model.resnets.{block}"), shape.Levels + 1 + block, shape.Levels);
        Decode(g, x, skips, "tsf_model", shape, quarters);
        return g.Build();
    }

    /// <summary>Returns the names and channels of the source features that the transfer stream reads, in order.</summary>
    /// <param name="shape">The sizes.</param>
    public static IReadOnlyList<(string Name, int Channels)> SourceFeatures(GeneratorShape shape)
    {
        Checked(shape);
        return [.. Features(shape).Where((_, k) => Warps(shape, k + 1))];
    }

    /// <summary>Returns the level (number of halvings) of a source feature.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="feature">One of <see cref="SourceFeatures"/>.</param>
    public static int LevelOf(GeneratorShape shape, string feature)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int at = Features(shape).ToList().FindIndex(f => f.Name == feature);
        if (at < 0)
            throw new ArgumentException($"'{feature}' is not a feature of the source stream; those are "
                + $"{string.Join(", ", Features(shape).Select(f => f.Name))}.", nameof(feature));
        return Math.Min(at + 1, shape.Levels);
    }

    // Features are numbered from 1: the encoder's levels, then the residual blocks.
    private static bool Warps(GeneratorShape shape, int feature) => shape.Warping switch
    {
        FeatureWarping.AllLevels => true,
        FeatureWarping.OneLevel => feature == shape.Levels,
        _ => false,
    };

    private static IEnumerable<(string Name, int Channels)> Features(GeneratorShape shape)
    {
        for (int level = 1; level <= shape.Levels; level++)
            yield return ($"SourceLevel{level}", shape.Width << level);
        for (int block = 1; block <= shape.Blocks; block++)
            yield return ($"SourceBlock{block}", shape.Width << shape.Levels);
    }

    // T is always resized with aligned corners; the -2 outside the body blends with its neighbours, as in the original.
    private static Func<int, int, GraphValue> WarpedFeatures(GraphBuilder g, GeneratorShape shape,
        List<(string Name, int Channels)> features, string suffix)
    {
        GraphValue flow = g.Transpose(g.Input(Flow + suffix, -1, -1, -1, 2), 0, 3, 1, 2);
        var inputs = new Dictionary<int, GraphValue>();
        for (int feature = 1; feature <= features.Count; feature++)
        {
            if (Warps(shape, feature))
                inputs[feature] = g.Input(features[feature - 1].Name + suffix, -1, features[feature - 1].Channels, -1, -1);
        }
        var flows = new Dictionary<int, GraphValue>();
        return (feature, level) =>
        {
            if (!flows.TryGetValue(level, out GraphValue resized))
                flows[level] = resized = g.Transpose(g.ResizeAligned(flow, 1f / (1 << level)), 0, 2, 3, 1);
            return g.GridSample(inputs[feature], resized, shape.AlignCorners);
        };
    }

    private static GraphValue Encode(GraphBuilder g, GraphValue x, string stream, int level, int width)
    {
        string name = $"{stream}.encoders.{level}";
        x = level == 0 ? g.Conv(x, name + ".0", width, 7, padding: 3) : g.Conv(x, name + ".0", width << level, 3, stride: 2, padding: 1);
        return g.Relu(g.InstanceNorm(x, name + ".1"));
    }

    private static GraphValue Residual(GraphBuilder g, GraphValue x, string name)
    {
        GraphValue y = g.Relu(g.InstanceNorm(g.Conv(x, name + ".main.0", x.Channels, 3, padding: 1), name + ".main.1"));
        return g.Add(x, g.InstanceNorm(g.Conv(y, name + ".main.3", x.Channels, 3, padding: 1), name + ".main.4"));
    }

    private static void Decode(GraphBuilder g, GraphValue x, List<GraphValue> skips, string stream, GeneratorShape shape,
        bool quarters = false)
    {
        for (int i = 0; i < shape.Levels; i++)
        {
            int level = shape.Levels - 1 - i, channels = shape.Width << level;
            GraphValue up = g.Relu(g.InstanceNorm(g.ConvTranspose(x, $"{stream}.decoders.{i}.0", channels), $"{stream}.decoders.{i}.1"));
            x = g.Relu(g.InstanceNorm(g.Conv(g.Concat(skips[level], up), $"{stream}.skippers.{i}.0", channels, 3, padding: 1),
                $"{stream}.skippers.{i}.1"));
        }
        GraphValue[] heads = g.Conv(x, 7, quarters, (stream + ".img_reg.0", 3), (stream + ".attetion_reg.0", 1));
        g.Output(g.Tanh(heads[0]), Color, -1, 3, -1, -1);
        g.Output(g.Sigmoid(heads[1]), Mask, -1, 1, -1, -1);
    }

    private static void Checked(GeneratorShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Check();
    }
}
