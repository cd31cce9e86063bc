namespace Lwg.MLNet.Training.Data;

/// <summary>
/// Two pictures of one person with the SMPL parameters of each and, where the data contain them, the true silhouettes and background.
/// Buffers are reused.
/// </summary>
internal sealed class TrainingSample
{
    /// <summary>Allocates a sample.</summary>
    /// <param name="size">S, pixels.</param>
    public TrainingSample(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Size = size;
        (SourceImage, TargetImage, Background) = (new float[3 * size * size], new float[3 * size * size], new float[3 * size * size]);
        ReferenceImage = new float[3 * size * size];
        (SourceMask, TargetMask, EstimatedMask) = (new float[size * size], new float[size * size], new float[size * size]);
    }

    /// <summary>S, the width and height.</summary>
    public int Size { get; }

    /// <summary>The sample's name in error messages: a row, or a person and a number.</summary>
    public string Name { get; set; } = "";

    /// <summary>The source picture [3,S,S] in [-1,1].</summary>
    public float[] SourceImage { get; }

    /// <summary>The target picture [3,S,S] in [-1,1].</summary>
    public float[] TargetImage { get; }

    /// <summary>The 85 SMPL parameters of the source picture.</summary>
    public float[] SourceSmpl { get; } = new float[Body.SmplLayout.ParameterCount];

    /// <summary>The 85 SMPL parameters of the target picture.</summary>
    public float[] TargetSmpl { get; } = new float[Body.SmplLayout.ParameterCount];

    /// <summary>In an appearance transfer, the picture [3,S,S] in [-1,1] that shows the clothes of the target.</summary>
    public float[] ReferenceImage { get; }

    /// <summary>In an appearance transfer, the 85 SMPL parameters of the reference picture.</summary>
    public float[] ReferenceSmpl { get; } = new float[Body.SmplLayout.ParameterCount];

    /// <summary>Whether the true silhouettes and background are filled; otherwise they are empty and the body's silhouette is used
    /// instead.</summary>
    public bool HasTruth { get; set; }

    /// <summary>The share of each pixel that the person covers in the source [1,S,S], clothes and hair included.</summary>
    public float[] SourceMask { get; }

    /// <summary>The share of each pixel that the person covers in the target [1,S,S], clothes and hair included.</summary>
    public float[] TargetMask { get; }

    /// <summary>Whether an estimator processed the source picture. If so, the next two buffers contain its result, and the networks read
    /// them instead of the exact body.</summary>
    public bool HasEstimate { get; set; }

    /// <summary>The 85 SMPL parameters that an estimator computed for the source picture.</summary>
    public float[] EstimatedSmpl { get; } = new float[Body.SmplLayout.ParameterCount];

    /// <summary>The mask of the source's person from the same estimator [1,S,S].</summary>
    public float[] EstimatedMask { get; }

    /// <summary>The background without the person [3,S,S].</summary>
    public float[] Background { get; }
}

/// <summary>Samples by number: the same number always gives the same sample.</summary>
internal interface ITrainingData
{
    /// <summary>Fills a sample.</summary>
    /// <param name="number">The number, from 0; finite data repeat from the beginning.</param>
    /// <param name="sample">Receives the sample, at its size.</param>
    void Fill(long number, TrainingSample sample);

    /// <summary>Whether several threads may fill samples at the same time, in any order; otherwise one thread fills them in
    /// order.</summary>
    bool IsThreadSafe => false;
}

/// <summary>Training data with the ground truth of appearance transfers.</summary>
internal interface IAppearanceTrainingData : ITrainingData
{
    /// <summary>Fills a sample with two people and, as the target, the first person in its own pose with the clothes of the
    /// second.</summary>
    /// <param name="number">The number, from 0.</param>
    /// <param name="sample">Receives the sample and its reference, at its size.</param>
    void FillAppearance(long number, TrainingSample sample);
}
