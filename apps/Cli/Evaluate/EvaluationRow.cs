using Lwg.MLNet.Transforms.Data;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>A transfer whose true result is known.</summary>
internal sealed class EvaluationRow
{
    [AnySizeImage]
    public required MLImage SourceImage { get; init; }

    [VectorType(85)]
    public required float[] SourceSmpl { get; init; }

    [VectorType(85)]
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
}
