namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Finds the stage that creates a missing column, by the ending of its name.</summary>
internal static class ColumnMakers
{
    private const string Drawn = "RenderBodyMesh creates it; an earlier chain needs KeepIntermediate",
        Posed = "PoseBody creates it; an earlier chain needs KeepIntermediate";

    // Longer endings come first.
    private static readonly (string End, string Maker)[] s_makers =
    [
        ("ReferenceOrigin", "mlContext.Data.LoadMotion with PairWithMotion creates it, or CopyColumns of ReferenceSmpl if the reference "
        + "is one picture; CameraStrategy.Source and Copy do not read it"),
        ("ReferenceSmpl", "mlContext.Data.LoadMotion with PairWithMotion creates it, or FindPerson of a reference's picture"),
        ("ViewAngles", "mlContext.Data.LoadTurntable with PairWithViews creates it"),
        ("ViewTranslation", "mlContext.Data.LoadTurntable with PairWithViews creates it; TranslationColumnName = null omits it"),
        ("PersonStatus", "FindPerson and EstimateSmpl create it"),
        ("PersonMask", "FindPerson and EstimateSmpl create it"),
        ("PhotoKeypoints", "DetectKeypoints creates it, or you mark it yourself"),
        ("Keypoints", "CropPerson creates it from PhotoKeypoints"),
        ("CropTransform", "FindPerson and CropPerson create it"),
        ("FrontMap", "RenderBodyMesh with WithFrontMap creates it"),
        ("PartMap", "RenderBodyMesh with WithPartMap creates it"),
        ("KeptMap", "ComputeAppearanceFlow creates it"),
        ("SeenMap", "ComputeTransformationFlow with SeenMapColumnName creates it"),
        ("BackgroundInput", "AssembleBackgroundInput creates it"),
        ("ForegroundInput", "AssembleForegroundInput creates it"),
        ("TransferInput", "AssembleTransferInput creates it"),
        ("Warped", "AssembleTransferInput creates it"),
        ("FaceIndex", Drawn),
        ("Weights", Drawn),
        ("Points", Drawn),
        ("Condition", Drawn),
        ("Vertices", Posed),
        ("Camera", Posed),
        ("Joints2D", Posed),
        ("TargetImage", "ImitateMotion, TransferAppearance, SynthesizeView and GenerateTransfer create it"),
        ("Photo", "mlContext.Data.LoadPhotos creates Photo, and CopyColumns gives a column another name; people that ImpersonateSubject "
        + "learned need no photograph (LastTransformer of the fitted chain, or FindPersonOptions.LetsMotionsPass)"),
        ("Image", "FindPerson and CropPerson create it from a photograph"),
        ("Smpl", "FindPerson, EstimateSmpl and FitSmplToKeypoints create it"),
        ("T", "ComputeTransformationFlow creates it; an earlier chain needs KeepIntermediate"),
    ];

    /// <summary>Returns a sentence with a leading blank; empty if the column is unknown.</summary>
    public static string Hint(string column)
    {
        foreach ((string end, string maker) in s_makers)
        {
            if (end == "T" ? column is "T" or "ReferenceT" : column.EndsWith(end, StringComparison.Ordinal))
                return $" {maker}.";
        }
        return "";
    }
}
