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

    /// <summary>The reference's picture; the source's if only the pose is transferred.</summary>
    [AnySizeImage]
    public required MLImage ReferenceImage { get; init; }

    /// <summary>The view angles, in degrees about x, y and z.</summary>
    [VectorType(3)]
    public float[] ViewAngles { get; init; } = new float[3];

    /// <summary>The true result of the transfer.</summary>
    [AnySizeImage]
    public required MLImage ActualImage { get; init; }

    [VectorType]
    public required float[] PersonMask { get; init; }

    [VectorType]
    public required float[] UncoveredMask { get; init; }

    [VectorType]
    public required float[] FaceMask { get; init; }

    /// <summary>An estimator's mask of the source's person; all 0 without an estimator.</summary>
    [VectorType(MaskSide, MaskSide)]
    public float[] SourcePersonMask { get; init; } = new float[MaskSide * MaskSide];

    /// <summary>An estimator's mask of the reference's person; all 0 without an estimator.</summary>
    [VectorType(MaskSide, MaskSide)]
    public float[] ReferencePersonMask { get; init; } = new float[MaskSide * MaskSide];

    /// <summary>Returns the same transfer with estimated bodies and masks; the truth stays.</summary>
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
