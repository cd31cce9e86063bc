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
