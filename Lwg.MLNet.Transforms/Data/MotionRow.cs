using Lwg.MLNet.Body;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Data;

/// <summary>One frame of a motion, a row of mlContext.Data.LoadMotion.</summary>
internal sealed class MotionRow
{
    /// <summary>The index of the motion, from 0.</summary>
    public int ReferenceMotion { get; set; }

    /// <summary>The index of the frame in its motion, from 0.</summary>
    public int ReferenceFrame { get; set; }

    /// <summary>The SMPL parameters [85] of the frame, in the camera frame.</summary>
    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceSmpl { get; set; } = [];

    /// <summary>The SMPL parameters [85] of the first frame, the same in every row: a stage processes one row, and the smooth camera
    /// needs the first frame.</summary>
    [VectorType(SmplLayout.ParameterCount)]
    public float[] ReferenceOrigin { get; set; } = [];
}
