using System.Runtime.CompilerServices;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training.Tests;

/// <summary>Keeps the user's model store out of the tests, so that they do not depend on what a machine has.</summary>
internal static class UserStore
{
    /// <summary>The user's store, for tests of the real files.</summary>
    public static string Folder { get; private set; } = "";

    [ModuleInitializer]
    internal static void Hide()
    {
        Folder = ModelStore.Folder;
        Environment.SetEnvironmentVariable("LWG_STORE", Path.Combine(AppContext.BaseDirectory, "no-store"));
    }
}
