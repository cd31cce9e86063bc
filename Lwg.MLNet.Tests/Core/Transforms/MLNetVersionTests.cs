using System.Reflection;
using Lwg.MLNet.Transforms.Persistence;
using Microsoft.ML;

namespace Lwg.MLNet.Tests.Transforms;

[TestClass]
public sealed class MLNetVersionTests
{
    [TestMethod]
    public void TheVersionOfThisBuildIsTested()
    {
        Assert.IsNull(MLNetVersion.ProblemOf(
            typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion));
        MLNetVersion.Require();
    }

    [TestMethod]
    [DataRow("5.0.1")]
    [DataRow("5.0.1+a4f730ec0c")]
    [DataRow("5.0.9-preview.2+abc")]
    public void TestedVersionsPass(string version) => Assert.IsNull(MLNetVersion.ProblemOf(version));

    [TestMethod]
    [DataRow("5.0.0")]
    [DataRow("4.0.3+xyz")]
    [DataRow("5.1.0-preview.1")]
    [DataRow("6.0.0")]
    [DataRow("something")]
    [DataRow(null)]
    public void OtherVersionsAreNamed(string? version)
    {
        string problem = MLNetVersion.ProblemOf(version)!;
        StringAssert.Contains(problem, "5.0.1");
        StringAssert.Contains(problem, "below 5.1");
        if (version is not null)
            StringAssert.Contains(problem, version.Split('+')[0]);
    }
}
