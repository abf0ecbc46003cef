using System.Text;
using Concentrator.Hosting.Access;
using Concentrator.Hosting.Page;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Metrics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting.Status;

/// <summary>The answers of <see cref="StatusServer"/>. Kestrel calls it from any thread.</summary>
internal sealed class StatusPages(
    PrometheusText prometheus, StatusDocument document, LivePage page, ServerView view, KeptConnections kept, HostRule hosts, TokenRule token, ILogger log)
    : IHttpApplication<HttpContext>
{
    /// <summary>The body for an unknown page; <c>concentrator status</c> recognises an older server by it.</summary>
    public const string NoSuchPage = "no such page; see /\n";

    /// <summary>The body for a request without the token.</summary>
    public const string NoToken = "this server asks for its token (Monitoring:Token)\n";

    private const string PlainText = "text/plain; charset=utf-8";

    private const string Index = """
        Concentrator

        /              in a browser: the server, live
        /metrics       the ledger, for Prometheus
        /status.json   how the server is, in JSON; for people: concentrator status
        /healthz       200 while the process is alive
        /readyz        200 while messages arrive and have somewhere to go; else 503 and why

        """;

    /// <summary>Milliseconds between two log lines about names that are not this server's.</summary>
    private const long LongSilence = 60_000;

    /// <summary>Of a host name, in characters (RFC 1035 section 2.3.4).</summary>
    private const int LongestName = 255;

    private long _saidAt = -LongSilence;

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
        HttpRequest request = context.Request;
        if (!HttpMethods.IsHead(request.Method) && !HttpMethods.IsGet(request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return Answer(context, StatusCodes.Status405MethodNotAllowed, "only GET and HEAD\n");
        }

        // Says nothing that is worth protecting, and load balancers ask for it in all ways.
        if (request.Path.Value == "/healthz") return Answer(context, StatusCodes.Status200OK, "alive\n");
        if (!hosts.Allows(request.Host)) return Misdirected(context);
        bool isKnown = token.Allows(request.Headers.Authorization.ToString());
        if (request.Path.Value == "/readyz") return AnswerReadiness(context, isKnown);
        if (!isKnown)
        {
            context.Response.Headers.WWWAuthenticate = TokenRule.Challenge;
            return Answer(context, StatusCodes.Status401Unauthorized, NoToken);
        }
        return request.Path.Value switch
        {
            "/metrics" => Answer(context, StatusCodes.Status200OK, prometheus.Render(), PrometheusText.ContentType),
            "/status.json" => Answer(context, StatusCodes.Status200OK, document.Render(), StatusDocument.ContentType),
            "/" when WantsHtml(request) => AnswerPage(context),
            "/" => Answer(context, StatusCodes.Status200OK, Index),
            _ => Answer(context, StatusCodes.Status404NotFound, NoSuchPage),
        };
    }

    private static bool WantsHtml(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private Task Misdirected(HttpContext context)
    {
        // Anyone may send any name as often as they like.
        long now = Environment.TickCount64, earlier = Interlocked.Read(ref _saidAt);
        if (now - earlier >= LongSilence && Interlocked.CompareExchange(ref _saidAt, now, earlier) == earlier)
        {
            string host = context.Request.Host.Host;
            log.StatusHostRefused(host.Length > LongestName ? host[..LongestName] : host);
        }
        return Answer(context, StatusCodes.Status421MisdirectedRequest, "not a name of this server; use its address, or add the name to Monitoring:Hosts\n");
    }

    private Task AnswerPage(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = LivePage.ContentSecurityPolicy;
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        context.Response.Headers.Vary = "Accept";
        return Answer(context, StatusCodes.Status200OK, page.Render(), LivePage.ContentType);
    }

    private Task AnswerReadiness(HttpContext context, bool withReasons)
    {
        IReadOnlyList<string> problems = ReadinessRule.Problems(view.IsListening, view.Ledger.Listeners(), view.Ledger.Outputs());
        return problems.Count == 0
            ? Answer(context, StatusCodes.Status200OK, "ready\n")
            : Answer(context, StatusCodes.Status503ServiceUnavailable, (withReasons ? string.Join('\n', problems) : "not ready") + "\n");
    }

    private static Task Answer(HttpContext context, int status, string text, string contentType = PlainText) =>
        Answer(context, status, Encoding.UTF8.GetBytes(text), contentType);

    private static Task Answer(HttpContext context, int status, byte[] body, string contentType)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
