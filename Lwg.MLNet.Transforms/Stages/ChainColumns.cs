namespace Lwg.MLNet.Transforms.Stages;

/// <summary>The columns that stages of a chain make for each other.</summary>
internal static class ChainColumns
{
    /// <summary>What PoseBody makes of a person, beside the vertices.</summary>
    public static IReadOnlyList<string> Posed { get; } = ["Joints3D", "Joints2D", "Camera", "Pose", "Shape"];

    /// <summary>What RenderBodyMesh draws.</summary>
    public static IReadOnlyList<string> Drawn { get; } = ["FaceIndex", "Weights", "Points", "Condition", "FrontMap", "PartMap", "HeadMap"];

    /// <summary>What the networks read.</summary>
    public static IReadOnlyList<string> Assembled { get; } = ["BackgroundInput", "ForegroundInput", "TransferInput", "Warped", "CropMask"];

    /// <summary>The names of such columns; those that a chain does not make do no harm.</summary>
    public static IReadOnlyList<string> Hidden(bool keep, IReadOnlyList<string> people, IReadOnlyList<string> parts,
        IReadOnlyList<string>? others = null) =>
        keep ? [] : [.. people.SelectMany(person => parts.Select(part => person + part)), .. others ?? []];
}
