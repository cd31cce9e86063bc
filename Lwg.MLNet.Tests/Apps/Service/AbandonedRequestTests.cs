using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Extensions;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Service;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>When a client disconnects, the current step is the last one of its request.</summary>
[TestClass]
public class AbandonedRequestTests
{
    private static readonly byte[] s_anna = TestPeople.Png("anna", 128), s_ben = TestPeople.Png("ben", 128);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void NoFurtherStepRunsAfterTheClientDisconnects(bool byReference)
    {
        ImitationRequest request = byReference ? new(s_anna, s_ben, null, [0]) : new(s_anna, null, Motions.Find("wave"), [3, 9]);
        int step = 0, goesAt = 0;
        CancellationTokenSource gone = new();
        var options = new ServiceOptions { Size = 64 };
        using SmplEstimator estimator = OwnModels.OpenEstimator();
        var model = new PersonTransferModel(Options.Create<PersonTransferOptions>(options), new WatchedEstimator(estimator, Count),
            new WatchedGenerator(new TextureWarpGenerator(BodyModel.Default), Count));
        using PersonTransferEngine undisturbed = model.CreateEngine();
        List<byte[]> expected = RequestWork.Make(undisturbed, request, options, 128, _ => { }, CancellationToken.None).Pngs;
        int steps = step;
        // A photograph takes at least two estimator passes, followed by the source's preparation and the frames.
        Assert.IsGreaterThanOrEqualTo(byReference ? 6 : 5, steps);

        for (goesAt = 1; goesAt < steps; goesAt++)
        {
            (step, gone) = (0, new CancellationTokenSource());
            using PersonTransferEngine engine = model.CreateEngine();
            Assert.Throws<OperationCanceledException>(() => RequestWork.Make(engine, request, options, 128, _ => { }, gone.Token));
            Assert.AreEqual(goesAt, step, "started steps");
            gone.Dispose();
            // The engine still works.
            List<byte[]> next = RequestWork.Make(engine, request, options, 128, _ => { }, CancellationToken.None).Pngs;
            Assert.HasCount(expected.Count, next);
            for (int i = 0; i < next.Count; i++)
                Assert.AreSequenceEqual(expected[i], next[i]);
        }

        void Count()
        {
            if (++step == goesAt)
                gone.Cancel();
        }
    }

    /// <summary>The first step lasts until the service detects that the client has disconnected, however slow the machine is; no other
    /// step may follow.</summary>
    [TestMethod]
    [Timeout(1_800_000, CooperativeCancellation = true)]
    public async Task TheEngineIsFreeAfterTheCurrentStep()
    {
        int steps = 0;
        using var gone = new ManualResetEventSlim();
        var preparing = new TaskCompletionSource();
        await using RunningService service = await RunningService.StartAsync(
            services => services.AddSingleton<IStartupFilter>(new AbortWatcher(gone.Set))
            .AddSingleton<TransferGenerator>(new WatchedGenerator(new TextureWarpGenerator(BodyModel.Default), () =>
            {
                steps++;
                preparing.TrySetResult();
                gone.Wait(TestContext.CancellationToken);
            })),
            "--Lwg:Engines", "1");
        using var patience = new CancellationTokenSource();
        Task<HttpResponseMessage> request =
            service.Client.PostAsync("animate", RunningService.Form(s_anna, ("motion", "dance"), ("frames", "24")), patience.Token);
        Assert.AreSame(preparing.Task, await Task.WhenAny(preparing.Task, request));
        await patience.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await request);
        while (service.Pool.Busy > 0)
            await Task.Delay(5, TestContext.CancellationToken);
        Assert.AreEqual(1, steps, "started steps");
    }
}
