namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Finds the stage that creates a missing column, by the ending of its name.</summary>
internal static class ColumnMakers
{
    private const string Drawn = "RenderBodyMesh makes it; a chain before must have KeepIntermediate",
        Posed = "PoseBody makes it; a chain before must have KeepIntermediate";

    // Longer endings come first.
    private static readonly (string End, string Maker)[] s_makers =
    [
        ("ReferenceOrigin", "mlContext.Data.LoadMotion with PairWithMotion makes it, or CopyColumns of ReferenceSmpl if the reference "
        + "is one picture; CameraStrategy.Source and Copy do not read it"),
        ("ReferenceSmpl", "mlContext.Data.LoadMotion with PairWithMotion makes it, or FindPerson of a reference's picture"),
        ("ViewAngles", "mlContext.Data.LoadTurntable with PairWithViews makes it"),
        ("ViewTranslation", "mlContext.Data.LoadTurntable with PairWithViews makes it; TranslationColumnName = null does without"),
        ("PersonStatus", "FindPerson and EstimateSmpl make it"),
        ("PersonMask", "FindPerson and EstimateSmpl make it"),
        ("PhotoKeypoints", "DetectKeypoints makes it, or you mark it yourself"),
        ("Keypoints", "CropPerson makes it of PhotoKeypoints"),
        ("CropTransform", "FindPerson and CropPerson make it"),
        ("FrontMap", "RenderBodyMesh with WithFrontMap makes it"),
        ("PartMap", "RenderBodyMesh with WithPartMap makes it"),
        ("KeptMap", "ComputeAppearanceFlow makes it"),
        ("SeenMap", "ComputeTransformationFlow with SeenMapColumnName makes it"),
        ("BackgroundInput", "AssembleBackgroundInput makes it"),
        ("ForegroundInput", "AssembleForegroundInput makes it"),
        ("TransferInput", "AssembleTransferInput makes it"),
        ("Warped", "AssembleTransferInput makes it"),
        ("FaceIndex", Drawn),
        ("Weights", Drawn),
        ("Points", Drawn),
        ("Condition", Drawn),
        ("Vertices", Posed),
        ("Camera", Posed),
        ("Joints2D", Posed),
        ("TargetImage", "ImitateMotion, TransferAppearance, SynthesizeView and GenerateTransfer make it"),
        ("Photo", "mlContext.Data.LoadPhotos makes Photo, and CopyColumns gives a column another name; people that ImpersonateSubject "
        + "learned need no photograph (LastTransformer of the fitted chain, or FindPersonOptions.LetsMotionsPass)"),
        ("Image", "FindPerson and CropPerson make it of a photograph"),
        ("Smpl", "FindPerson, EstimateSmpl and FitSmplToKeypoints make it"),
        ("T", "ComputeTransformationFlow makes it; a chain before must have KeepIntermediate"),
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
