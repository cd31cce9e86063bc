using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Data;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Extensions;

/// <summary>The input row of the pipeline; properties are columns.</summary>
internal sealed class PhotoRow
{
    [AnySizeImage]
    public MLImage? SourcePhoto { get; set; }

    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceSmpl { get; set; } = [];

    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceOrigin { get; set; } = [];
}

/// <summary>Two photographs: the first person gets the clothes of the second.</summary>
internal sealed class CoupleRow
{
    [AnySizeImage]
    public MLImage? SourcePhoto { get; set; }

    [AnySizeImage]
    public MLImage? ReferencePhoto { get; set; }
}

/// <summary>The output row for two photographs.</summary>
internal sealed class SwapRow
{
    [AnySizeImage]
    public MLImage? TargetPhoto { get; set; }
}

/// <summary>A photograph and the view from which to show its person.</summary>
internal sealed class PhotoViewRow
{
    [AnySizeImage]
    public MLImage? SourcePhoto { get; set; }

    [VectorType(3)]
    public float[] ViewAngles { get; set; } = [];

    [VectorType(3)]
    public float[] ViewTranslation { get; set; } = new float[3];
}

/// <summary>The output columns that are read.</summary>
internal sealed class PictureRow
{
    [AnySizeImage]
    public MLImage? TargetPhoto { get; set; }

    public float SurfaceShown { get; set; }
}

/// <summary>A photograph to estimate the pose of.</summary>
internal sealed class ReferenceRow
{
    [AnySizeImage]
    public MLImage? ReferencePhoto { get; set; }
}

/// <summary>The pose.</summary>
internal sealed class PoseRow
{
    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceSmpl { get; set; } = [];
}
