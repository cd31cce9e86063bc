using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training;

/// <summary>Options for the training of the person estimator (<see cref="PersonNetwork"/>).</summary>
internal sealed record EstimatorTrainingOptions : TrainingOptions
{
    /// <summary>Creates the default options.</summary>
    public EstimatorTrainingOptions()
    {
        (Schedule, BatchSize, LearningRate, FinalLearningRate) = ([new(128, 60_000), new(256, 20_000)], 16, 1e-3, 1e-5);
        AverageDecay = 0.998;
    }

    /// <summary>
    /// ResNet18.onnx of the package Microsoft.ML.DnnImageFeaturizer.ResNet18, with whose weights the encoder begins: its first
    /// convolution and stage then stay as they are, and its other stages learn with a tenth of the learning rate. Null for random
    /// weights.
    /// </summary>
    public string? Encoder { get; init; }

    /// <summary>A folder of photographs used as the background of half of the people; null for painted backdrops only.</summary>
    public string? Backdrops { get; init; }

    /// <summary>Weight of the key point maps: cross-entropy against a spot around each key point.</summary>
    public float MapWeight { get; init; } = 1;

    /// <summary>Standard deviation of that spot, in grid points.</summary>
    public float SpotDeviation { get; init; } = 1.2f;

    /// <summary>Weight of the key point distances, L1, in halves of the picture's side.</summary>
    public float PlaceWeight { get; init; } = 10;

    /// <summary>Weight of the visibility of each key point, and of the presence of a person and of a second one: binary
    /// cross-entropy.</summary>
    public float SeenWeight { get; init; } = 0.5f;

    /// <summary>Weight of the person's mask, binary cross-entropy.</summary>
    public float MaskWeight { get; init; } = 2;

    /// <summary>Weight of the rotations, mean square error of their matrices' elements.</summary>
    public float RotationWeight { get; init; } = 5;

    /// <summary>Weight of the camera, L1.</summary>
    public float CameraWeight { get; init; } = 1;

    /// <summary>Weight of the shape, mean square error.</summary>
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
