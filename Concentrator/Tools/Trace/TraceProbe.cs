using System.Text.Json;
using Concentrator.Configuration.Options;
using Concentrator.Messages.Parsing;

namespace Concentrator.Tools.Trace;

/// <summary>What brings the marked message to the server. Called once, when the tap is open.</summary>
internal abstract class TraceProbe
{
    public TraceMark Mark { get; } = new();

    /// <summary>What to look at if the message does not arrive, as the end of a sentence.</summary>
    public abstract string Hint { get; }

    /// <summary>What to look at if no output gets it, as the end of a sentence.</summary>
    public virtual string RouteHint => "Routes in the configuration select other messages only";

    /// <summary>Sends it.</summary>
    /// <param name="hello">The server's first line.</param>
    /// <returns>The first station.</returns>
    /// <exception cref="Taps.TapException">It cannot be sent.</exception>
    public abstract Task<TraceStation> SendAsync(JsonElement hello, CancellationToken stop);
}

/// <summary>Sends a message to a listener, as HAProxy does.</summary>
/// <param name="listener">Its name; null = see <see cref="TracedListener.Find"/>.</param>
/// <param name="program">The message's program.</param>
internal sealed class ListenerProbe(string? listener, string program) : TraceProbe
{
    private bool _isTls;

    public override string RouteHint => program == TraceMark.DefaultProgram
        ? "routes select by listener, program, severity or text: --program haproxy sends it as HAProxy's"
        : base.RouteHint;

    public override string Hint => _isTls
        ? "the listener may ask for a client certificate, which a trace has not: choose another with --listener"
        : "the listener did not read it: concentrator doctor examines its socket";

    public override Task<TraceStation> SendAsync(JsonElement hello, CancellationToken stop)
    {
        TracedListener to = TracedListener.Find(hello, listener);
        _isTls = to.Address.Transport == Transport.Tls;
        DateTimeOffset now = DateTimeOffset.Now;
        to.Send(to.Format == HeaderFormat.Rfc5424 ? Mark.Rfc5424(program, now) : Mark.LocalLine(program, now.LocalDateTime));
        return Task.FromResult(new TraceStation("sent", null, now, $"to listener {to.Name} at {to.Address}, as program {program}, with mark {Mark.Text}"));
    }
}

/// <summary>Makes HAProxy log a line, by a request.</summary>
/// <param name="url">The request, to which the mark is added.</param>
internal sealed class HaproxyProbe(Uri url) : TraceProbe
{
    public override string Hint =>
        "HAProxy logged no line with it: check that the frontend logs (option dontlognull, http-request set-log-level), that its format "
        + "contains the request (%r or %HU), and what concentrator doctor says of the way to here";

    public override async Task<TraceStation> SendAsync(JsonElement hello, CancellationToken stop)
    {
        // The certificate is not checked: the request is about the log, and the answer is not used.
        using HttpClientHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ServerCertificateCustomValidationCallback = static (_, certificate, _, _) => certificate is not null,
        };
        using HttpClient http = new(handler);
        Uri marked = Mark.In(url);
        DateTimeOffset now = DateTimeOffset.Now;
        string answer;
        try
        {
            using HttpResponseMessage response = await http.GetAsync(marked, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
            answer = FormattableString.Invariant($"answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            throw new Taps.TapException($"cannot request {marked}: {e.Message}");
        }
        catch (HttpRequestException e)
        {
            // HAProxy logs a request that it does not answer too.
            answer = $"failed: {e.Message}";
        }
        return new TraceStation("requested", null, now, $"{marked}, {answer}");
    }
}
