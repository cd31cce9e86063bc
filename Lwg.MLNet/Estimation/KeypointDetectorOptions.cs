namespace Lwg.MLNet.Estimation;

/// <summary>The format in which a pose network outputs key points.</summary>
public enum PoseFamily
{
    /// <summary>One map per key point, [1,K,h,w], of which the first 17 are read (K is 17, 23, 26, 133 or 136): HRNet, ViTPose and
    /// similar (top down: one person per picture).</summary>
    HeatMaps,

    /// <summary>Two rows of bins per key point, [1,K,k W] and [1,K,k H], of which the first 17 are read: SimCC, RTMPose and DWPose (top
    /// down).</summary>
    SimCC,

    /// <summary>
    /// Boxes with key points, [1,56,N] or [1,N,56]: centre, size, score, 17 x (x, y, confidence); with built-in suppression, and in
    /// version 7, [1,N,57]: YOLO's pose networks (many people; the one with the highest score is used).
    /// </summary>
    Yolo,

    /// <summary>Boxes [1,N,5] and key points [1,N,17,3]: RTMO (many people; the one with the highest score is used).</summary>
    Rtmo,

    /// <summary>Shares of the picture, y first: [1,1,17,3] for one person, [1,6,56] for several, of which the one with the highest score
    /// is used: MoveNet.</summary>
    MoveNet,
}

/// <summary>How the picture, or the box in it, is mapped to the network's input.</summary>
public enum InputFit
{
    /// <summary>Scaled to fit with its aspect ratio kept, centred.</summary>
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

/// <summary>How a peak is located between a heat map's cells.</summary>
public enum PeakRefinement
{
    /// <summary>A quarter of a cell towards the higher neighbour, as for most published networks.</summary>
    QuarterShift,

    /// <summary>At the top of the parabola through the highest cell and its neighbours.</summary>
    Parabola,
}

/// <summary>The positions of a heat map's cells.</summary>
public enum HeatMapGrid
{
    /// <summary>Cell i of w is pixel i W / w of the input, as in HRNet and most others.</summary>
    Strides,

    /// <summary>The first and last cell are the first and last pixel, cell i is pixel i (W - 1) / (w - 1): networks with 'unbiased'
    /// training (UDP), such as ViTPose.</summary>
    Corners,
}

/// <summary>How inputs and outputs of a pose network are interpreted. Null means as in the family's published networks.</summary>
public sealed record KeypointDetectorOptions
{
    /// <summary>The family; null to detect it from the shapes of the network's outputs.</summary>
    public PoseFamily? Family { get; init; }

    /// <summary>The input's width in pixels, if the network leaves it open.</summary>
    public int? InputWidth { get; init; }

    /// <summary>The input's height in pixels, if the network leaves it open.</summary>
    public int? InputHeight { get; init; }

    /// <summary>The values subtracted from red, green and blue (0 to 255); null for ImageNet's means, or 0 for YOLO, RTMO, MoveNet and
    /// integer inputs.</summary>
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>The divisors of red, green and blue after the subtraction; null for ImageNet's deviations, 255 for YOLO, or 1 for RTMO,
    /// MoveNet and integer inputs.</summary>
    public IReadOnlyList<float>? Deviation { get; init; }

    /// <summary>The order of the channels; null for red first, or blue first for RTMO.</summary>
    public ChannelOrder? Order { get; init; }

    /// <summary>How the picture or box is mapped to the input.</summary>
    public InputFit Fit { get; init; }

    /// <summary>The grey value outside the picture, 0 to 255; null for black, or 114 for YOLO and RTMO.</summary>
    public float? Padding { get; init; }

    /// <summary>The margin on every side of a box as a share of its sides, 0 to 2; a whole picture has no margin.</summary>
    public float BoxMargin { get; init; } = 0.125f;

    /// <summary>How peaks of heat maps are refined.</summary>
    public PeakRefinement Refinement { get; init; }

    /// <summary>The positions of a heat map's cells.</summary>
    public HeatMapGrid Grid { get; init; }

    /// <summary>The least confidence, 0 to 1; key points below it are absent (confidence 0).</summary>
    public float MinimumConfidence { get; init; }

    /// <summary>The least score of a person, 0 to 1: the network's own for YOLO, else the mean confidence of the 17 key points.</summary>
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
