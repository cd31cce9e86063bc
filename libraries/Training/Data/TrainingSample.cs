namespace Lwg.MLNet.Training.Data;

/// <summary>
/// Two pictures of one person with the numbers of the body in each, and, where the data know them, the true silhouettes and the true
/// background.
/// Buffers are filled again and again.
/// </summary>
internal sealed class TrainingSample
{
    /// <summary>Makes room for a sample.</summary>
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

    /// <summary>What an error calls the sample: a row, or a person and a number.</summary>
    public string Name { get; set; } = "";

    /// <summary>The source picture [3,S,S] in [-1,1].</summary>
    public float[] SourceImage { get; }

    /// <summary>The target picture [3,S,S] in [-1,1].</summary>
    public float[] TargetImage { get; }

    /// <summary>The 85 numbers of the body in the source picture.</summary>
    public float[] SourceSmpl { get; } = new float[Body.SmplLayout.ParameterCount];

    /// <summary>The 85 numbers of the body in the target picture.</summary>
    public float[] TargetSmpl { get; } = new float[Body.SmplLayout.ParameterCount];

    /// <summary>Of an appearance transfer, the picture [3,S,S] in [-1,1] of whose clothes the target wears.</summary>
    public float[] ReferenceImage { get; }

    /// <summary>Of an appearance transfer, the 85 numbers of the body in the reference picture.</summary>
    public float[] ReferenceSmpl { get; } = new float[Body.SmplLayout.ParameterCount];

    /// <summary>Whether silhouettes and background are the true ones; otherwise they are empty and the body's silhouette stands
    /// in.</summary>
    public bool HasTruth { get; set; }

    /// <summary>The share of each pixel that the person covers in the source [1,S,S], clothes and hair included.</summary>
    public float[] SourceMask { get; }

    /// <summary>The share of each pixel that the person covers in the target [1,S,S], clothes and hair included.</summary>
    public float[] TargetMask { get; }

    /// <summary>Whether an estimator looked at the source picture: then the two that follow are what it said, and the networks read them in
    /// place of the exact body.</summary>
    public bool HasEstimate { get; set; }

    /// <summary>The 85 numbers of the body that an estimator found in the source picture.</summary>
    public float[] EstimatedSmpl { get; } = new float[Body.SmplLayout.ParameterCount];

    /// <summary>Where the person of the source is by that estimator's account [1,S,S].</summary>
    public float[] EstimatedMask { get; }

    /// <summary>The background without the person [3,S,S].</summary>
    public float[] Background { get; }
}

/// <summary>Samples by number: the same number gives the same sample.</summary>
internal interface ITrainingData
{
    /// <summary>Fills a sample.</summary>
    /// <param name="number">From 0 on; data with an end begin anew.</param>
    /// <param name="sample">Receives the sample at its size.</param>
    void Fill(long number, TrainingSample sample);

    /// <summary>Whether several threads may fill samples at once, in any order; otherwise one thread fills them one after
    /// another.</summary>
    bool IsThreadSafe => false;
}

/// <summary>Data that know the truth of appearance transfers.</summary>
internal interface IAppearanceTrainingData : ITrainingData
{
    /// <summary>Fills a sample with two people and, as the target, the first in its own pose in the clothes of the other.</summary>
    /// <param name="number">From 0 on.</param>
    /// <param name="sample">Receives the sample at its size, its reference too.</param>
    void FillAppearance(long number, TrainingSample sample);
}
