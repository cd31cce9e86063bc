using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>Reports when the service has detected that a client has disconnected.</summary>
/// <param name="gone">Called at that time.</param>
internal sealed class AbortWatcher(Action gone) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, following) =>
        {
            // The first registration is called last, so the request's work is already cancelled then.
            using CancellationTokenRegistration registration = context.RequestAborted.Register(gone);
            await following(context);
        });
        next(app);
    };
}
