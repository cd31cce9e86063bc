namespace Lwg.MLNet.Estimation;

/// <summary>How a pose network says where key points are.</summary>
public enum PoseFamily
{
    /// <summary>A map for each key point, [1,K,h,w], of which the first 17 are read (K is 17, 23, 26, 133 or 136): HRNet, ViTPose and their
    /// like (top down: one person a picture).</summary>
    HeatMaps,

    /// <summary>Two rows of bins for each key point, [1,K,k W] and [1,K,k H], of which the first 17 are read: SimCC, RTMPose and DWPose
    /// (top down).</summary>
    SimCC,

    /// <summary>
    /// Boxes with key points, [1,56,N] or [1,N,56]: centre, size, score, 17 x (x, y, confidence); with suppression inside, and in the
    /// seventh version, [1,N,57]: YOLO's pose networks (many people; the best one is taken).
    /// </summary>
    Yolo,

    /// <summary>Boxes [1,N,5] and key points [1,N,17,3]: RTMO (many people; the best one is taken).</summary>
    Rtmo,

    /// <summary>Shares of the picture, y first: [1,1,17,3] of one person, [1,6,56] of several, of whom the best one is taken:
    /// MoveNet.</summary>
    MoveNet,
}

/// <summary>How the picture, or the box in it, becomes the network's input.</summary>
public enum InputFit
{
    /// <summary>As large as it fits, in its own proportions, in the middle.</summary>
    Letterbox,

    /// <summary>Stretched to the input's sides.</summary>
    Stretch,
}

/// <summary>The order of the input's colour channels.</summary>
public enum ChannelOrder
{
    /// <summary>Red first.</summary>
    Rgb,

    /// <summary>Blue first.</summary>
    Bgr,
}

/// <summary>Where between a heat map's cells a peak lies.</summary>
public enum PeakRefinement
{
    /// <summary>A quarter of a cell towards the higher neighbour, as most published networks are read.</summary>
    QuarterShift,

    /// <summary>At the top of the parabola through the highest cell and its neighbours.</summary>
    Parabola,
}

/// <summary>What a heat map's cells stand for.</summary>
public enum HeatMapGrid
{
    /// <summary>Cell i of w is pixel i W / w of the input, as HRNet and most others learn.</summary>
    Strides,

    /// <summary>First and last cell are first and last pixel, cell i is pixel i (W - 1) / (w - 1): networks that learn 'unbiased' (UDP),
    /// ViTPose among them.</summary>
    Corners,
}

/// <summary>How a pose network is fed and read. What is null is as the family's published networks have it.</summary>
public sealed record KeypointDetectorOptions
{
    /// <summary>The family; null to go by the shapes of the network's outputs.</summary>
    public PoseFamily? Family { get; init; }

    /// <summary>The input's width in pixels, where the network leaves it open.</summary>
    public int? InputWidth { get; init; }

    /// <summary>The input's height in pixels, where the network leaves it open.</summary>
    public int? InputHeight { get; init; }

    /// <summary>What is taken away from red, green and blue (0 to 255); null for ImageNet's means, or 0 with YOLO, RTMO, MoveNet and inputs
    /// of whole numbers.</summary>
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>What red, green and blue are then divided by; null for ImageNet's deviations, 255 with YOLO, or 1 with RTMO, MoveNet and
    /// inputs of whole numbers.</summary>
    public IReadOnlyList<float>? Deviation { get; init; }

    /// <summary>The order of the channels; null for red first, or blue first with RTMO.</summary>
    public ChannelOrder? Order { get; init; }

    /// <summary>How picture or box fit into the input.</summary>
    public InputFit Fit { get; init; }

    /// <summary>The grey beyond the picture's edge, 0 to 255; null for black, or 114 with YOLO and RTMO.</summary>
    public float? Padding { get; init; }

    /// <summary>The share of a box's sides that is kept free on every side, 0 to 2; a whole picture has no margin.</summary>
    public float BoxMargin { get; init; } = 0.125f;

    /// <summary>How peaks of heat maps are refined.</summary>
    public PeakRefinement Refinement { get; init; }

    /// <summary>What the cells of heat maps stand for.</summary>
    public HeatMapGrid Grid { get; init; }

    /// <summary>Key points of less confidence are absent (confidence 0); 0 to 1.</summary>
    public float MinimumConfidence { get; init; }

    /// <summary>What a person's score must be, 0 to 1: the network's own with YOLO, else the mean confidence of the 17 key
    /// points.</summary>
    public float MinimumScore { get; init; } = 0.2f;

    internal void Check()
    {
        Defined(Family ?? default, nameof(Family));
        Defined(Order ?? default, nameof(Order));
        Defined(Fit, nameof(Fit));
        Defined(Refinement, nameof(Refinement));
        Defined(Grid, nameof(Grid));
        Side(InputWidth, nameof(InputWidth));
        Side(InputHeight, nameof(InputHeight));
        Within(MinimumConfidence, 1, nameof(MinimumConfidence));
        Within(MinimumScore, 1, nameof(MinimumScore));
        Within(BoxMargin, 2, nameof(BoxMargin));
        Within(Padding ?? 0, 255, nameof(Padding));
        if (Mean is not null && (Mean.Count != 3 || !Mean.All(float.IsFinite)))
            throw new ArgumentException("There must be three finite means, of red, green and blue.", nameof(Mean));
        if (Deviation is not null && (Deviation.Count != 3 || !Deviation.All(d => float.IsFinite(d) && d > 0)))
            throw new ArgumentException("There must be three finite deviations above 0, of red, green and blue.", nameof(Deviation));

        static void Side(int? side, string name)
        {
            if (side is not (null or (>= KeypointDetector.SmallestInput and <= KeypointDetector.LargestInput)))
                throw new ArgumentOutOfRangeException(name, side,
                    $"It must be {KeypointDetector.SmallestInput} to {KeypointDetector.LargestInput} pixels.");
        }

        static void Within(float value, float most, string name)
        {
            if (!(value >= 0 && value <= most))
                throw new ArgumentOutOfRangeException(name, value, $"It must be 0 to {most}.");
        }

        static void Defined<T>(T value, string name) where T : struct, Enum
        {
            if (!Enum.IsDefined(value))
                throw new ArgumentOutOfRangeException(name, value, $"It must be one of {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }
}
