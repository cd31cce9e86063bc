using Lwg.MLNet.Models;


namespace Lwg.MLNet.Tests;

/// <summary>Hides the user's model store from the tests, so that they do not depend on the machine.</summary>
internal static class UserStore
{
    /// <summary>The user's store, for tests of the real files.</summary>
    public static string Folder { get; } = ModelStore.Folder;

    /// <summary>Hides the store. Every test project calls this before its first test.</summary>
    public static void Hide()
    {
        // The property is read first, because the store changes afterwards.
        _ = Folder;
        Environment.SetEnvironmentVariable("LWG_STORE", Path.Combine(AppContext.BaseDirectory, "no-store"));
    }
}
