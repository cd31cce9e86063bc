using Lwg.MLNet.Tests;
using Lwg.MLNet.Training.Torch.Convolutions;

// One class after another: libtorch takes all processors by itself.
[assembly: DoNotParallelize]

namespace Lwg.MLNet.Training.Tests;

/// <summary>What must happen before the first use of torch.</summary>
[TestClass]
public static class Setup
{
    private static readonly TemporaryFolder s_caches = new();

    [AssemblyInitialize]
    public static void Prepare(TestContext _)
    {
        UserStore.Hide();
        // The user's own cache is left alone, and what it says changes no test.
        ConvolutionChoices.CacheFolder = s_caches.Path;
    }

    [AssemblyCleanup]
    public static void Clean() => s_caches.Dispose();
}
