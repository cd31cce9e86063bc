using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Data;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>A transfer whose true result is known.</summary>
internal sealed class EvaluationRow
{
    /// <summary>The side of the masks' grids.</summary>
    public const int MaskSide = 128;

    [AnySizeImage]
    public required MLImage SourceImage { get; init; }

    [VectorType(SmplLayout.ParameterCount)]
    public required float[] SourceSmpl { get; init; }

    [VectorType(SmplLayout.ParameterCount)]
    public required float[] ReferenceSmpl { get; init; }

    /// <summary>The reference's picture; the source's where only the pose is taken.</summary>
    [AnySizeImage]
    public required MLImage ReferenceImage { get; init; }

    /// <summary>From where the person is seen, degrees about x, y and z.</summary>
    [VectorType(3)]
    public float[] ViewAngles { get; init; } = new float[3];

    /// <summary>What the transfer should look like.</summary>
    [AnySizeImage]
    public required MLImage ActualImage { get; init; }

    [VectorType]
    public required float[] PersonMask { get; init; }

    [VectorType]
    public required float[] UncoveredMask { get; init; }

    [VectorType]
    public required float[] FaceMask { get; init; }

    /// <summary>Where an estimator saw the source's person; empty where none looked.</summary>
    [VectorType(MaskSide, MaskSide)]
    public float[] SourcePersonMask { get; init; } = new float[MaskSide * MaskSide];

    /// <summary>Where an estimator saw the reference's person; empty where none looked.</summary>
    [VectorType(MaskSide, MaskSide)]
    public float[] ReferencePersonMask { get; init; } = new float[MaskSide * MaskSide];

    /// <summary>The same transfer with bodies that were found in the pictures; the truth stays.</summary>
    public EvaluationRow With(float[] sourceSmpl, float[] sourceMask, float[] referenceSmpl, float[] referenceMask) => new()
    {
        SourceImage = SourceImage,
        SourceSmpl = sourceSmpl,
        ReferenceSmpl = referenceSmpl,
        ReferenceImage = ReferenceImage,
        ViewAngles = ViewAngles,
        ActualImage = ActualImage,
        PersonMask = PersonMask,
        UncoveredMask = UncoveredMask,
        FaceMask = FaceMask,
        SourcePersonMask = sourceMask,
        ReferencePersonMask = referenceMask,
    };
}
