namespace Lwg.MLNet.Training.Data;

/// <summary>What the networks read and what they should make, for one sample.</summary>
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

    /// <summary>Whether the source's own parts and the reference's make the target: then the two that follow are filled.</summary>
    public bool IsAppearance { get; set; }

    public float[] ReferenceForegroundInput { get; } = new float[6 * size * size];

    public float[] ReferenceFlow { get; } = new float[2 * size * size];

    /// <summary>1 on background: what the source stream's mask should be.</summary>
    public float[] SourceBackgroundMask { get; } = new float[size * size];

    /// <summary>1 on background: what the transfer stream's mask should be.</summary>
    public float[] TargetBackgroundMask { get; } = new float[size * size];

    public float[] Background { get; } = new float[3 * size * size];

    /// <summary>1 where the background is known to be true.</summary>
    public float[] BackgroundKnown { get; } = new float[size * size];

    /// <summary>The box of the target's face (<see cref="Warping.BodyBoxes.Face"/>); null where none is seen.</summary>
    public float[]? FaceBox { get; set; }
}
