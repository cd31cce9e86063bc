using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>One view of a person, a row of mlContext.Data.LoadTurntable.</summary>
internal sealed class ViewRow
{
    /// <summary>The angles about x, y and z [3], in degrees: positive angles lean the person back, turn its front to its left, and tilt
    /// it to the left of the picture.</summary>
    [VectorType(3)]
    public float[] ViewAngles { get; set; } = new float[3];

    /// <summary>The translation after the rotation [3], in metres: x right, y down, z away from the viewer.</summary>
    [VectorType(3)]
    public float[] ViewTranslation { get; set; } = new float[3];
}
