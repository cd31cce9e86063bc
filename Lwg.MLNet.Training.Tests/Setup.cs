using Lwg.MLNet.Training.Torch;

// One class after another: libtorch takes all processors by itself.
[assembly: DoNotParallelize]

namespace Lwg.MLNet.Training.Tests;

/// <summary>What must happen before the first use of torch.</summary>
[TestClass]
public static class Setup
{
    [AssemblyInitialize]
    public static void MakeTorchLoadable(TestContext _) => TorchRuntime.EnsureLoadable();
}
