using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training;

/// <summary>How the estimator of people (<see cref="PersonNetwork"/>) is trained.</summary>
internal sealed record EstimatorTrainingOptions : TrainingOptions
{
    /// <summary>The defaults.</summary>
    public EstimatorTrainingOptions()
    {
        (Schedule, BatchSize, LearningRate, FinalLearningRate) = ([new(128, 60_000), new(192, 20_000)], 16, 1e-3, 1e-5);
        AverageDecay = 0.998;
    }

    /// <summary>Weight of the key points' maps: cross-entropy against a spot about where each is.</summary>
    public float MapWeight { get; init; } = 1;

    /// <summary>Standard deviation of that spot, in points of the grid.</summary>
    public float SpotDeviation { get; init; } = 1.2f;

    /// <summary>Weight of the key points' distances, L1, in halves of the picture's side.</summary>
    public float PlaceWeight { get; init; } = 10;

    /// <summary>Weight of whether each is seen, and of whether there is a person and another: binary cross-entropy.</summary>
    public float SeenWeight { get; init; } = 0.5f;

    /// <summary>Weight of the person's mask, binary cross-entropy.</summary>
    public float MaskWeight { get; init; } = 2;

    /// <summary>Weight of the rotations, mean square of their matrices' elements.</summary>
    public float RotationWeight { get; init; } = 5;

    /// <summary>Weight of the camera, L1.</summary>
    public float CameraWeight { get; init; } = 1;

    /// <summary>Weight of the shape, mean square.</summary>
    public float ShapeWeight { get; init; } = 0.05f;

    private protected override int SizeMultiple => 32;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Range(SpotDeviation, 0.3, 10, nameof(SpotDeviation));
        foreach ((float weight, string name) in new[] { (MapWeight, nameof(MapWeight)), (PlaceWeight, nameof(PlaceWeight)),
            (SeenWeight, nameof(SeenWeight)), (MaskWeight, nameof(MaskWeight)), (RotationWeight, nameof(RotationWeight)),
            (CameraWeight, nameof(CameraWeight)), (ShapeWeight, nameof(ShapeWeight)) })
            Range(weight, 0, 1e6, name);
    }
}
