using Lwg.MLNet.Tests;

// The apps use as many threads as there are cores, and some tests count concurrent work, so tests run one after another.
[assembly: DoNotParallelize]

namespace Lwg.MLNet.Apps.Tests;

/// <summary>The setup before the first test.</summary>
[TestClass]
public static class Setup
{
    [AssemblyInitialize]
    public static void HideTheUsersStore(TestContext _) => UserStore.Hide();
}
