// No test has a clock or shares files with another: classes run side by side.
[assembly: Parallelize(Scope = ExecutionScope.ClassLevel)]

namespace Lwg.MLNet.Tests;

/// <summary>What must happen before the first test.</summary>
[TestClass]
public static class Setup
{
    [AssemblyInitialize]
    public static void HideTheUsersStore(TestContext _) => UserStore.Hide();
}
