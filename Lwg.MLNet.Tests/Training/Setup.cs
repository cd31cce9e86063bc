using Lwg.MLNet.Tests;
using Lwg.MLNet.Training.Torch.Convolutions;

// Classes run one after another, because libtorch uses all processors.
[assembly: DoNotParallelize]

namespace Lwg.MLNet.Training.Tests;

/// <summary>The setup before the first use of torch.</summary>
[TestClass]
public static class Setup
{
    private static readonly TemporaryFolder s_caches = new();

    [AssemblyInitialize]
    public static void Prepare(TestContext _)
    {
        UserStore.Hide();
        // The user's own cache is not changed and has no effect on tests.
        ConvolutionChoices.CacheFolder = s_caches.Path;
    }

    [AssemblyCleanup]
    public static void Clean() => s_caches.Dispose();
}
