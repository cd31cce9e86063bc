using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The names of vector elements, for the ML.NET annotation SlotNames.</summary>
internal static class SlotNames
{
    private static readonly string[] s_axes = ["x", "y", "z"];

    /// <summary>SMPL parameters [85]: camera, pose, shape.</summary>
    public static IReadOnlyList<string> Smpl { get; } =
    [
        "camera.scale", "camera.x", "camera.y",
        .. Skeleton.JointNames.SelectMany(joint => s_axes.Select(axis => $"pose.{joint}.{axis}")),
        .. Enumerable.Range(0, SmplLayout.ShapeCount).Select(i => $"shape.{i}"),
    ];

    /// <summary>COCO key points [17,3].</summary>
    public static IReadOnlyList<string> Keypoints { get; } =
        [.. CocoSkeleton.KeypointNames.SelectMany(name => new[] { $"{name}.x", $"{name}.y", $"{name}.confidence" })];
}
