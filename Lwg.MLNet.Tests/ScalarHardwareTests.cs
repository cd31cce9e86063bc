using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Tests;

/// <summary>Runs the tests marked with <see cref="Category"/> again where the processor has no vector instructions.</summary>
[TestClass]
public class ScalarHardwareTests
{
    public const string Category = "AlsoWithoutIntrinsics";

    private const string Switch = "DOTNET_EnableHWIntrinsic";

    [TestMethod]
    public void TheNumbersHoldWithoutVectorInstructions()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "vstest", typeof(ScalarHardwareTests).Assembly.Location, "--TestCaseFilter:TestCategory=" + Category },
            RedirectStandardOutput = true,
            Environment = { [Switch] = "0" },
        };
        using Process child = Process.Start(start)!;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.AreEqual(0, child.ExitCode, output);
        // The fact below, the rasteriser, sampling, morphology, posing and the whole chain: fewer would mean that the filter found nothing.
        Assert.MatchesRegex(@"Passed: +\d\d", output);
    }

    [TestMethod]
    [TestCategory(Category)]
    public void TheSwitchDoesWhatItSays()
    {
        if (Environment.GetEnvironmentVariable(Switch) == "0")
            Assert.IsFalse(Vector128.IsHardwareAccelerated);
    }
}
