using Lwg.MLNet.Body;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>One frame of a motion, as mlContext.Data.LoadMotion gives it.</summary>
internal sealed class MotionRow
{
    /// <summary>Which of several motions it is, from 0.</summary>
    public int ReferenceMotion { get; set; }

    /// <summary>The number of the frame in its motion, from 0.</summary>
    public int ReferenceFrame { get; set; }

    /// <summary>The frame's SMPL numbers [85] in the camera frame.</summary>
    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceSmpl { get; set; } = [];

    /// <summary>The first frame's SMPL numbers [85], the same in every row: a stage sees one row, and the smooth camera needs the first
    /// frame.</summary>
    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceOrigin { get; set; } = [];
}
