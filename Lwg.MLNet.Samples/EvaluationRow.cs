using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>A transfer whose true result is known.</summary>
internal sealed class EvaluationRow
{
    [AnySizeImage]
    public required MLImage SourceImage { get; init; }

    [VectorType(85)]
    public required float[] SourceSmpl { get; init; }

    [VectorType(85)]
    public required float[] ReferenceSmpl { get; init; }

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
