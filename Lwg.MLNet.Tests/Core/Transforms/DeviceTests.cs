using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Samples;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests ML.NET's conventions for GPUs; the tests' ONNX Runtime has no GPU support.</summary>
[TestClass]
public class DeviceTests
{
    [TestMethod]
    public void AContextsDeviceIsWhereItsNetworksRun()
    {
        var context = new MLContext(seed: 1) { GpuDeviceId = 3 };
        NetworkRuntimeOptions runtime = context.Transforms.NetworkRuntime();
        Assert.AreEqual(3, runtime.GpuDeviceId);
        Assert.IsFalse(runtime.FallbackToCpu);
        string message = Assert.ThrowsExactly<LwgException>(() => context.Transforms.FindPerson()).Message;
        Assert.Contains("CUDA device 3", message);
        Assert.Contains("it is the build for the CPU", message);
        Assert.Contains("AppendExecutionProvider_CUDA", message, "ONNX Runtime's own reason");
        Assert.Contains("cuDNN 9", message);
        Assert.IsNull(new MLContext(seed: 1).Transforms.NetworkRuntime().GpuDeviceId);
    }

    [TestMethod]
    public void AMissingDeviceIsWarnedOfOnce()
    {
        using LiquidWarpingGenerator generator = OwnModels.OpenGenerator();
        var maker = new MLContext(seed: 1);
        IDataView rows = maker.Data.LoadFromEnumerable([new Row()]);
        ITransformer chain = maker.Transforms.FindPerson(PersonEstimators.Open(PersonEstimators.Own), "Source", 256).Fit(rows);
        byte[] model = Saved(maker, chain, rows.Schema);

        var context = new MLContext(seed: 1) { GpuDeviceId = 0, FallbackToCpu = true };
        var warnings = new List<string>();
        context.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        // Three networks, one of a saved model, and one of an estimator.
        using var several = OwnModels.OpenGenerator(context.Transforms.NetworkRuntime());
        context.Model.Load(new MemoryStream(model), out _);
        context.Transforms.FindPerson();
        Assert.HasCount(1, warnings, string.Join('\n', warnings));
        Assert.Contains("The CPU is used", warnings[0]);
    }

    [TestMethod]
    public void TheMissingLibraryIsNamed()
    {
        using var folder = new TemporaryFolder();
        Assert.IsNull(CudaDevice.MissingLibrary([folder.Path]), "There is no library for CUDA.");
        string name = OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
        folder.Write(name, "no library"u8.ToArray());
        Assert.Contains(name, CudaDevice.MissingLibrary([Path.Combine(folder.Path, "none"), folder.Path])!);
    }

    [TestMethod]
    public void ASavedModelDoesNotStoreTheDevice()
    {
        var maker = new MLContext(seed: 1) { GpuDeviceId = 0, FallbackToCpu = true };
        IDataView rows = maker.Data.LoadFromEnumerable([new Row()]);
        byte[] model = Saved(maker, maker.Transforms.FindPerson(
            PersonEstimators.Open(PersonEstimators.Own, maker.Transforms.NetworkRuntime()), "Source", 256).Fit(rows), rows.Schema);
        Assert.IsNotNull(new MLContext(seed: 1).Model.Load(new MemoryStream(model), out _));
    }

    [TestMethod]
    public async Task TheConsolesWarnOnceOrStop()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["--motion", Imitate.ShortMotion(folder, 1), "--size", "64", "--out", Path.Combine(folder.Path, "out"),
            "--device"];
        (await Imitate.RunAsync([.. command, "cuda"])).FailedWith(1, "it is the build for the CPU");
        Imitate run = (await Imitate.RunAsync([.. command, "auto"])).Succeeded();
        Assert.AreEqual(2, run.Output.Split("CUDA device 0").Length, run.Output);
    }

    private static byte[] Saved(MLContext context, ITransformer model, DataViewSchema schema)
    {
        using var stream = new MemoryStream();
        context.Model.Save(model, schema, stream);
        return stream.ToArray();
    }

    private sealed class Row
    {
        [Lwg.MLNet.Transforms.Data.AnySizeImage]
        public MLImage? SourcePhoto { get; set; }

        /// <summary>ML.NET does not save a schema of images alone.</summary>
        public float Number { get; set; }
    }
}
