using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Lwg.MLNet.Service;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>Traces are exported to the target in the setting.</summary>
[TestClass]
public class TraceTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task ACollectorReceivesTracesOfRequestsAndEngines()
    {
        var received = new ConcurrentQueue<string>();
        await using WebApplication collector = await CollectAsync(received);
        await using (RunningService service = await RunningService.StartAsync("--Lwg:Traces", collector.Urls.Single()))
        {
            using HttpResponseMessage answer =
                await service.Client.PostAsync("view", RunningService.Form(TestPeople.Png("anna", 128), ("angle", "90")),
                TestContext.CancellationToken);
            Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.CancellationToken));
            service.Flush();
        }
        string traces = string.Concat(received);
        foreach (string name in (string[])["lwg-service", "lwg.synthesize_view", "POST"])
            Assert.Contains(name, traces);
    }

    [TestMethod]
    public void AnInvalidTraceTargetIsReported()
    {
        LwgException e = Assert.ThrowsExactly<LwgException>(() => ServiceApp.Build(["--Lwg:Traces", "localhost:4318"]));
        Assert.AreEqual("The setting 'Lwg:Traces' is 'localhost:4318'; 'console' or the address of a collector is needed, for example "
            + "http://localhost:4318.", e.Message);
    }

    private static async Task<WebApplication> CollectAsync(ConcurrentQueue<string> received)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
        await app.StartAsync();
        return app;
    }
}
