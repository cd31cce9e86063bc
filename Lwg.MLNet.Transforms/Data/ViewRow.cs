using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>One side from which a person is seen, as mlContext.Data.LoadTurntable gives it.</summary>
internal sealed class ViewRow
{
    /// <summary>The angles about x, y and z [3], degrees: positive ones lean the person back, turn its front to its left, and tip it over
    /// to the picture's left.</summary>
    [VectorType(3)]
    public float[] ViewAngles { get; set; } = new float[3];

    /// <summary>What the person is moved by afterwards [3], metres: x right, y down, z away from the viewer.</summary>
    [VectorType(3)]
    public float[] ViewTranslation { get; set; } = new float[3];
}
