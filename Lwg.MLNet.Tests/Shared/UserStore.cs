using Lwg.MLNet.Models;


namespace Lwg.MLNet.Tests;

/// <summary>Keeps the user's model store out of the tests, so that they do not depend on what a machine has.</summary>
internal static class UserStore
{
    /// <summary>The user's store, for tests of the real files.</summary>
    public static string Folder { get; } = ModelStore.Folder;

    /// <summary>Hides it. Every test project calls this before its first test.</summary>
    public static void Hide()
    {
        // The property is read first: afterwards the store is another one.
        _ = Folder;
        Environment.SetEnvironmentVariable("LWG_STORE", Path.Combine(AppContext.BaseDirectory, "no-store"));
    }
}
