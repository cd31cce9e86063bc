using Lwg.MLNet.Cli;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public class FrameRateTests
{
    [TestMethod]
    [DataRow("25", "25/1")]
    [DataRow("29.97", "2997/100")]
    [DataRow("30000/1001", "30000/1001")]
    [DataRow("50/2", "25/1")]
    public void Rates(string text, string expected) => Assert.AreEqual(expected, FrameRate.Parse(text).ToString());

    [TestMethod]
    [DataRow("")]
    [DataRow("0")]
    [DataRow("-25")]
    [DataRow("0/0")]
    [DataRow("1001")]
    [DataRow("NaN")]
    [DataRow("1/2/3")]
    [DataRow("fast")]
    public void InvalidRates(string text) => Assert.IsNull(FrameRate.Parse(text));

    [TestMethod]
    public void MotionsHaveRates() => Assert.AreEqual(new FrameRate(12, 1), FrameRate.Of(12));
}
