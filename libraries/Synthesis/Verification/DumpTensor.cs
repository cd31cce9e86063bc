using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Verification;

/// <summary>A tensor that a dump may contain.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its dimensions after the first, which counts the rows: integers, S (picture side), V (vertices) or F
/// (faces).</param>
/// <param name="Meaning">Its description.</param>
internal sealed record DumpTensor(string Name, string Shape, string Meaning)
{
    private static readonly string s_theta = $"{SmplLayout.ParameterCount}";

    /// <summary>All tensors, in the order of computation.</summary>
    public static IReadOnlyList<DumpTensor> All { get; } =
    [
        new("estimator_image", "3,224,224", "the input of the SMPL estimator, in [-1,1]"),
        new("estimator_theta", s_theta, "its output: camera, pose, shape"),
        new("image", "3,S,S", "the source picture in [-1,1]"),
        new("source_theta", s_theta, "camera, pose, shape of the source"),
        new("source_vertices", "V,3", "its posed vertices, before the camera"),
        new("source_face_index", "S,S", "the face that each pixel shows, -1 where none"),
        new("source_weights", "S,S,3", "the weights of the face's corners there"),
        new("source_points", "F,3,2", "the corners of the faces in the picture, y down"),
        new("source_condition", "3,S,S", "the condition map of the source"),
        new("reference_theta", s_theta, "camera, pose, shape of the reference"),
        new("reference_origin", s_theta, "the same of the reference's first frame"),
        new("target_theta", s_theta, "camera, pose, shape of the target, after the camera strategy"),
        new("target_vertices", "V,3", "its posed vertices, before the camera"),
        new("target_face_index", "S,S", "as the source's"),
        new("target_weights", "S,S,3", "as the source's"),
        new("target_condition", "3,S,S", "the condition map of the target"),
        new("T", "S,S,2", "the transformation flow, -2 outside the body"),
        new("background_input", "4,S,S", "input of the background net"),
        new("source_input", "6,S,S", "input of the source stream"),
        new("warped", "3,S,S", "the source picture sampled at T"),
        new("transfer_input", "6,S,S", "input of the transfer stream"),
        new("background", "3,S,S", "output of the background net"),
        new("color", "3,S,S", "colour of the transfer stream"),
        new("mask", "1,S,S", "mask of the transfer stream, 1 is background"),
        new("result", "3,S,S", "mask * background + (1 - mask) * color, before any front warp"),
        new("target_front", "1,S,S", "1 on the facial front of the target"),
        new("front_result", "3,S,S", "the result after the front warp"),
    ];
}
