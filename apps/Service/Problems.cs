using System.Globalization;

namespace Lwg.MLNet.Service;

/// <summary>Answers failed requests with a sentence that gives the reason (RFC 9457, application/problem+json).</summary>
internal static class Problems
{
    /// <summary>The status code for a client that has disconnected. It is not sent, only counted.</summary>
    public const int ClientGone = 499;

    /// <summary>Runs the rest of the middleware and answers for exceptions that it throws.</summary>
    public static async Task HandleAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = ClientGone;
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, e.StatusCode, e.Message);
        }
        catch (LwgException e)
        {
            // The names of the stage and its column do not matter to clients.
            LwgException reason = e;
            while (reason.InnerException is LwgException inner)
                reason = inner;
            await WriteAsync(context, StatusCodes.Status422UnprocessableEntity, reason.Message);
        }
        catch (Exception e)
        {
            logger.LogError(e, "A request failed.");
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The service cannot do this at the moment.",
                retryAfterSeconds: 30);
        }
    }

    /// <summary>Answers a request with a problem.</summary>
    public static Task WriteAsync(HttpContext context, int code, string detail, int retryAfterSeconds = 0)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        context.Response.Clear();
        if (retryAfterSeconds > 0)
            context.Response.Headers.RetryAfter = retryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Results.Problem(detail, statusCode: code).ExecuteAsync(context);
    }
}
