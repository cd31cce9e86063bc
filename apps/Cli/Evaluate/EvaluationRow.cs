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

    /// <summary>The true background [3,S,S].</summary>
    [VectorType]
    public float[] Background { get; init; } = [];

    /// <summary>The colour of the source's face [3]; only with <see cref="BackMask"/>.</summary>
    [VectorType]
    public float[] FaceColour { get; init; } = [];

    /// <summary>1 on the true feet and shoes [S,S].</summary>
    [VectorType]
    public float[] FeetMask { get; init; } = [];

    /// <summary>1 on the true hair that stands off the head [S,S].</summary>
    [VectorType]
    public float[] HairMask { get; init; } = [];

    /// <summary>1 on heads and trunks of people seen from behind whose source shows the face [S,S].</summary>
    [VectorType]
    public float[] BackMask { get; init; } = [];

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
        Background = Background,
        FaceColour = FaceColour,
        FeetMask = FeetMask,
        HairMask = HairMask,
        BackMask = BackMask,
        SourcePersonMask = sourceMask,
        ReferencePersonMask = referenceMask,
    };
}
