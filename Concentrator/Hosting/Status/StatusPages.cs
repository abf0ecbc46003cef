using System.Text;
using Concentrator.Telemetry.Metrics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Concentrator.Hosting.Status;

/// <summary>The answers of <see cref="StatusServer"/>. Kestrel calls it from any thread.</summary>
internal sealed class StatusPages(PrometheusText prometheus, StatusDocument document, ServerView view, KeptConnections kept)
    : IHttpApplication<HttpContext>
{
    /// <summary>The body for an unknown page; <c>concentrator status</c> recognises an older server by it.</summary>
    public const string NoSuchPage = "no such page; see /\n";

    private const string PlainText = "text/plain; charset=utf-8";

    private const string Index = """
        Concentrator

        /metrics       the ledger, for Prometheus
        /status.json   how the server is, in JSON; for people: concentrator status
        /healthz       200 while the process is alive
        /readyz        200 while messages arrive and have somewhere to go; else 503 and why

        """;

    public HttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures.Get<IHttpConnectionFeature>() is { } connection) kept.Asks(connection.ConnectionId);
        return new DefaultHttpContext(contextFeatures);
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(HttpContext context)
    {
        bool isHead = HttpMethods.IsHead(context.Request.Method);
        if (!isHead && !HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return Answer(context, isHead, StatusCodes.Status405MethodNotAllowed, "only GET and HEAD\n");
        }

        return context.Request.Path.Value switch
        {
            "/metrics" => Answer(context, isHead, StatusCodes.Status200OK, prometheus.Render(), PrometheusText.ContentType),
            "/status.json" => Answer(context, isHead, StatusCodes.Status200OK, document.Render(), StatusDocument.ContentType),
            "/healthz" => Answer(context, isHead, StatusCodes.Status200OK, "alive\n"),
            "/readyz" => AnswerReadiness(context, isHead),
            "/" => Answer(context, isHead, StatusCodes.Status200OK, Index),
            _ => Answer(context, isHead, StatusCodes.Status404NotFound, NoSuchPage),
        };
    }

    private Task AnswerReadiness(HttpContext context, bool isHead)
    {
        IReadOnlyList<string> problems = ReadinessRule.Problems(view.IsListening, view.Ledger.Listeners(), view.Ledger.Outputs());
        return problems.Count == 0
            ? Answer(context, isHead, StatusCodes.Status200OK, "ready\n")
            : Answer(context, isHead, StatusCodes.Status503ServiceUnavailable, string.Join('\n', problems) + "\n");
    }

    private static Task Answer(HttpContext context, bool isHead, int status, string text, string contentType = PlainText) =>
        Answer(context, isHead, status, Encoding.UTF8.GetBytes(text), contentType);

    private static Task Answer(HttpContext context, bool isHead, int status, byte[] body, string contentType)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        return isHead ? Task.CompletedTask : context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
