namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The intermediate columns between the stages of a chain.</summary>
internal static class ChainColumns
{
    /// <summary>The outputs of PoseBody except the vertices.</summary>
    public static IReadOnlyList<string> Posed { get; } = ["Joints3D", "Joints2D", "Camera", "Pose", "Shape"];

    /// <summary>The outputs of RenderBodyMesh.</summary>
    public static IReadOnlyList<string> Drawn { get; } = ["FaceIndex", "Weights", "Points", "Condition", "FrontMap", "PartMap", "HeadMap"];

    /// <summary>The inputs of the networks.</summary>
    public static IReadOnlyList<string> Assembled { get; } = ["BackgroundInput", "ForegroundInput", "TransferInput", "Warped", "CropMask"];

    /// <summary>Returns the names of intermediate columns to hide; names that do not exist are ignored.</summary>
    public static IReadOnlyList<string> Hidden(bool keep, IReadOnlyList<string> people, IReadOnlyList<string> parts,
        IReadOnlyList<string>? others = null) =>
        keep ? [] : [.. people.SelectMany(person => parts.Select(part => person + part)), .. others ?? []];
}
