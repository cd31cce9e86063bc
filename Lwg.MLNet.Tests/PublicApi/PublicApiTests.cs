using System.Reflection;
using Lwg.MLNet.Body;
using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Tests.PublicApi;

/// <summary>
/// What the packages show is written down in docs/api, so that a change is seen. With LWG_UPDATE_API=1 the files are written anew; then it is for the reader of the
/// difference to say whether the version must go up (SemVer).
/// </summary>
[TestClass]
public sealed class PublicApiTests
{
    [TestMethod]
    [DataRow("Lwg.MLNet")]
    [DataRow("Lwg.MLNet.Transforms")]
    [DataRow("Lwg.MLNet.Models")]
    public void TheSurfaceIsTheOneThatIsWrittenDown(string name)
    {
        Assembly assembly = name switch { "Lwg.MLNet" => typeof(BodyModel).Assembly, "Lwg.MLNet.Transforms" => typeof(SmplEstimatingOptions).Assembly, _ => typeof(OwnModels).Assembly };
        string path = Path.Combine(DependencyTests.RepositoryRoot, "docs", "api", name + ".txt"), now = PublicSurface.Of(assembly);
        if (Environment.GetEnvironmentVariable("LWG_UPDATE_API") == "1")
            File.WriteAllText(path, now);
        HashSet<string> written = [.. File.ReadAllLines(path)], shown = [.. now.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        string[] gone = [.. written.Except(shown)], added = [.. shown.Except(written)];
        Assert.IsTrue(gone.Length + added.Length == 0,
            $"The public surface of {name} has changed; LWG_UPDATE_API=1 writes it down anew.\nGone:\n{string.Join('\n', gone.Take(20))}\nNew:\n{string.Join('\n', added.Take(20))}");
    }
}
