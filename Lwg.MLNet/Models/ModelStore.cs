namespace Lwg.MLNet.Models;

/// <summary>
/// The models of the user: Lwg.MLNet/models in the platform's folder for application data (on Linux $XDG_DATA_HOME or ~/.local/share, on
/// macOS ~/Library/Application Support, on Windows the local application data), or the folder in the environment variable LWG_STORE. Each
/// model has a subfolder.
/// </summary>
internal static class ModelStore
{
    private const string Variable = "LWG_STORE";

    /// <summary>The folder. It is created with the first model.</summary>
    /// <exception cref="LwgException">The platform has no such folder, and LWG_STORE is not set.</exception>
    public static string Folder => FolderOrNull
        ?? throw new LwgException($"There is no folder for the models: the platform has no folder for application data. Set the "
        + $"environment variable {Variable}.");

    /// <summary>Returns the folder of BlazePose in the store, which may not exist.</summary>
    /// <param name="variant">The landmark network.</param>
    public static string BlazePoseFolder(BlazePoseVariant variant) => Path.Combine(Folder, "blazepose-" + BlazePosePackage.NameOf(variant));

    /// <summary>The folder; null if there is none.</summary>
    internal static string? FolderOrNull =>
        FolderOf(Environment.GetEnvironmentVariable(Variable),
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify));

    /// <summary>Returns the folder of the store for values of the environment variable and the platform folder.</summary>
    internal static string? FolderOf(string? named, string platform) =>
        !string.IsNullOrEmpty(named) ? Path.GetFullPath(named) : platform.Length > 0 ? Path.Combine(platform, "Lwg.MLNet", "models") : null;
}
