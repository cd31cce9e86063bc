namespace Lwg.MLNet.Training.Data;

/// <summary>The inputs and expected outputs of the networks for one sample.</summary>
internal sealed class PreparedSample(int size)
{
    public int Size => size;

    public string Name { get; set; } = "";

    public float[] SourceImage { get; } = new float[3 * size * size];

    public float[] TargetImage { get; } = new float[3 * size * size];

    public float[] BackgroundInput { get; } = new float[4 * size * size];

    public float[] ForegroundInput { get; } = new float[6 * size * size];

    public float[] TransferInput { get; } = new float[6 * size * size];

    public float[] Flow { get; } = new float[2 * size * size];

    /// <summary>Whether the sample is an appearance transfer, whose target combines parts of the source and of the reference. If so, the
    /// next two buffers are filled.</summary>
    public bool IsAppearance { get; set; }

    public float[] ReferenceForegroundInput { get; } = new float[6 * size * size];

    public float[] ReferenceFlow { get; } = new float[2 * size * size];

    /// <summary>The expected mask of the source stream: 1 on background.</summary>
    public float[] SourceBackgroundMask { get; } = new float[size * size];

    /// <summary>The expected mask of the transfer stream: 1 on background.</summary>
    public float[] TargetBackgroundMask { get; } = new float[size * size];

    public float[] Background { get; } = new float[3 * size * size];

    /// <summary>1 where the true background is known.</summary>
    public float[] BackgroundKnown { get; } = new float[size * size];

    /// <summary>The box of the target's face (<see cref="Warping.BodyBoxes.Face"/>); null if no face is visible.</summary>
    public float[]? FaceBox { get; set; }
}
