using Lwg.MLNet.Tests.PublicApi;

namespace Lwg.MLNet.Training.Tests.PublicApi;

/// <summary>What the package shows is what docs/api says.</summary>
[TestClass]
public sealed class TrainingApiTests
{
    [TestMethod]
    public void TheSurfaceIsTheOneThatIsWrittenDown() => PublicSurface.AssertIsWrittenDown(typeof(GeneratorTrainer).Assembly);
}
