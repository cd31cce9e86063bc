using Lwg.MLNet.Tests;

// The apps compute with as many threads as there are cores, and some tests count what is done at a time.
[assembly: DoNotParallelize]

namespace Lwg.MLNet.Apps.Tests;

/// <summary>What must happen before the first test.</summary>
[TestClass]
public static class Setup
{
    [AssemblyInitialize]
    public static void HideTheUsersStore(TestContext _) => UserStore.Hide();
}
