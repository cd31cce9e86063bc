// No test measures time or shares files with another, so classes run in parallel.
[assembly: Parallelize(Scope = ExecutionScope.ClassLevel)]

namespace Lwg.MLNet.Tests;

/// <summary>The setup before the first test.</summary>
[TestClass]
public static class Setup
{
    [AssemblyInitialize]
    public static void HideTheUsersStore(TestContext _) => UserStore.Hide();
}
