namespace Lwg.MLNet.Models;

/// <summary>
/// The user's models: a folder of the platform's kind for an application's data (on Linux $XDG_DATA_HOME or ~/.local/share, on macOS
/// ~/Library/Application Support, on Windows the local application data), in it Lwg.MLNet/models, or the folder that the environment
/// variable LWG_STORE names. Each model has a folder in it.
/// </summary>
internal static class ModelStore
{
    private const string Variable = "LWG_STORE";

    /// <summary>The folder. It is made when the first model is put into it.</summary>
    /// <exception cref="LwgException">The platform tells no folder, and LWG_STORE names none.</exception>
    public static string Folder => FolderOrNull
        ?? throw new LwgException($"There is no folder for the models: the platform tells none for data of applications. Name one by the "
        + $"environment variable {Variable}.");

    /// <summary>The folder of BlazePose in the store, whether it is there or not.</summary>
    /// <param name="variant">Which of its landmark networks.</param>
    public static string BlazePoseFolder(BlazePoseVariant variant) => Path.Combine(Folder, "blazepose-" + BlazePosePackage.NameOf(variant));

    /// <summary>The folder; null where there is none.</summary>
    internal static string? FolderOrNull =>
        FolderOf(Environment.GetEnvironmentVariable(Variable),
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify));

    /// <summary>The store's folder by what environment and platform say.</summary>
    internal static string? FolderOf(string? named, string platform) =>
        !string.IsNullOrEmpty(named) ? Path.GetFullPath(named) : platform.Length > 0 ? Path.Combine(platform, "Lwg.MLNet", "models") : null;
}
