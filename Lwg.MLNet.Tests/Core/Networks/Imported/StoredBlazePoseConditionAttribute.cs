using Lwg.MLNet.Models;


namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>Skips a test, with a reason, if the user's store does not contain BlazePose (full).</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StoredBlazePoseConditionAttribute : ConditionBaseAttribute
{
    public StoredBlazePoseConditionAttribute() : base(ConditionMode.Include) =>
        IgnoreMessage = "The model store does not contain BlazePose; 'models get blazepose' downloads it.";

    /// <summary>The model's folder.</summary>
    public static string Folder => Path.Combine(UserStore.Folder, Path.GetFileName(ModelStore.BlazePoseFolder(BlazePoseVariant.Full)));

    public override string GroupName => nameof(StoredBlazePoseConditionAttribute);

    public override bool IsConditionMet => File.Exists(Path.Combine(Folder, ModelPackage.ManifestName));
}
