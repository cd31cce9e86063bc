using Lwg.MLNet.Service;

namespace Lwg.MLNet.Apps.Tests.Service;

[TestClass]
public class HelpTests
{
    [TestMethod]
    public void HelpShowsEverySettingWithItsDefault()
    {
        string text = ServiceHelp.Text();
        Assert.Contains("--urls", text);
        foreach (System.Reflection.PropertyInfo setting in typeof(ServiceOptions).GetProperties())
            Assert.Contains($"--Lwg:{setting.Name} ", text);
        Assert.Contains("(16, 0 to 10000)", text);
        Assert.Contains("(default, default or texture)", text);
    }
}
