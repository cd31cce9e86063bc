using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>Tells when the service has noticed that a client has gone.</summary>
/// <param name="gone">Called then.</param>
internal sealed class AbortWatcher(Action gone) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, following) =>
        {
            // Registered first, it is called last: those who work for the request have been told by then.
            using CancellationTokenRegistration registration = context.RequestAborted.Register(gone);
            await following(context);
        });
        next(app);
    };
}
