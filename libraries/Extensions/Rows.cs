using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Data;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Extensions;

/// <summary>What goes into the pipeline: properties are columns.</summary>
internal sealed class PhotoRow
{
    [AnySizeImage]
    public MLImage? SourcePhoto { get; set; }

    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceSmpl { get; set; } = [];

    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceOrigin { get; set; } = [];
}

/// <summary>Two photographs, of which the first one's person gets what the second one's wears.</summary>
internal sealed class CoupleRow
{
    [AnySizeImage]
    public MLImage? SourcePhoto { get; set; }

    [AnySizeImage]
    public MLImage? ReferencePhoto { get; set; }
}

/// <summary>What comes out of that.</summary>
internal sealed class SwapRow
{
    [AnySizeImage]
    public MLImage? TargetPhoto { get; set; }
}

/// <summary>A photograph, and from where its person is to be seen.</summary>
internal sealed class PhotoViewRow
{
    [AnySizeImage]
    public MLImage? SourcePhoto { get; set; }

    [VectorType(3)]
    public float[] ViewAngles { get; set; } = [];

    [VectorType(3)]
    public float[] ViewTranslation { get; set; } = new float[3];
}

/// <summary>What is read of what comes out.</summary>
internal sealed class PictureRow
{
    [AnySizeImage]
    public MLImage? TargetPhoto { get; set; }

    public float SurfaceShown { get; set; }
}

/// <summary>A photograph whose pose is wanted.</summary>
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
