using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Concentrator.Tests.Equipment;

/// <summary>A request as the intake received it: the events are those of the body, decompressed.</summary>
internal sealed record IntakeRequest(int Number, string? Key, string? Time, string? Encoding, int BodyBytes, IReadOnlyList<byte[]> Events);

/// <summary>An answer in place of the right one.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body; null = none.</param>
internal sealed record IntakeReply(int Status, string? Body = null)
{
    /// <summary>The value of <c>Retry-After</c>.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>Whether the events count as taken all the same.</summary>
    public bool Takes { get; init; }

    /// <summary>Bytes of the body after which the connection is cut; null = it is whole.</summary>
    public int? CutAt { get; init; }
}

/// <summary>
/// Stands in for Sekoia.io's HTTPS intake, on Kestrel: <c>POST /plain/batch</c> as its documentation has it, with gzip, the key in its header, and
/// <c>event_ids</c> as the answer. What it says of a single event that it refuses is not documented: here an object with its status takes the
/// place of its id. Misbehaves on request. Any thread.
/// </summary>
internal sealed class SekoiaHttpsIntake : IDisposable
{
    /// <summary>Bytes: a longer event is refused.</summary>
    public const int LongestEvent = 250 * 1024;

    private readonly IssuedCertificate? _certificate;
    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly List<IntakeRequest> _requests = [];
    private readonly List<(string Key, string Text)> _events = [];
    private readonly bool _keeps;
    private WebApplication? _server;
    private volatile TaskCompletionSource _answers = Open();
    private int _count;

    /// <param name="certificate">Null for plain HTTP, behind a terminator.</param>
    /// <param name="path">What precedes <c>/plain/batch</c>.</param>
    /// <param name="keeps">Whether requests and events are kept; <see cref="Sequence"/> always is.</param>
    public SekoiaHttpsIntake(IssuedCertificate? certificate = null, string path = "", bool keeps = true)
    {
        _certificate = certificate;
        _path = path;
        _keeps = keeps;
        Port = FreePort.Next();
        Listen();
    }

    public int Port { get; }

    /// <summary>The keys that are accepted; null = all.</summary>
    public IReadOnlyCollection<string>? Keys { get; set; }

    /// <summary>Called with every request before it is judged; a reply takes the place of the right one.</summary>
    public Func<IntakeRequest, IntakeReply?>? Reply { get; set; }

    /// <summary>The status of single events other than 200.</summary>
    public Func<string, int?>? StatusOf { get; set; }

    /// <summary>Bytes of a body, decompressed, above which it is refused with 413.</summary>
    public int LongestBody { get; set; } = int.MaxValue;

    /// <summary>The events that were taken.</summary>
    public SequenceLedger Sequence { get; } = new();

    public IReadOnlyList<IntakeRequest> Requests
    {
        get { lock (_gate) return [.. _requests]; }
    }

    /// <summary>The events that were taken, in the order of the answers.</summary>
    public IReadOnlyList<(string Key, string Text)> Events
    {
        get { lock (_gate) return [.. _events]; }
    }

    /// <summary>Answers nothing until <see cref="Answer"/>.</summary>
    public void HoldAnswers() => _answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Answer() => _answers.TrySetResult();

    /// <summary>Refuses connections until <see cref="Listen"/>, and cuts what is open.</summary>
    public void Refuse()
    {
        using CancellationTokenSource at = new(TimeSpan.Zero);
        WebApplication? server = Interlocked.Exchange(ref _server, null);
        server?.StopAsync(at.Token).GetAwaiter().GetResult();
        (server as IAsyncDisposable)?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Listens, or listens again.</summary>
    public void Listen()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 64 * 1024 * 1024;
            options.Listen(IPAddress.Loopback, Port, Endpoint);
        });
        WebApplication server = builder.Build();
        server.Run(HandleAsync);
        server.StartAsync().GetAwaiter().GetResult();
        _server = server;
    }

    public void Dispose()
    {
        Answer();
        Refuse();
    }

    private static TaskCompletionSource Open()
    {
        TaskCompletionSource open = new();
        open.SetResult();
        return open;
    }

    private void Endpoint(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (_certificate is null) return;
        listen.UseHttps(new Microsoft.AspNetCore.Server.Kestrel.Https.TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new System.Net.Security.SslServerAuthenticationOptions { ServerCertificateContext = _certificate.Context }),
        });
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Method != "POST" || context.Request.Path != $"{_path}/plain/batch")
        {
            context.Response.StatusCode = 404;
            return;
        }
        IntakeRequest request = await ReadAsync(context.Request);
        lock (_gate)
        {
            if (_keeps) _requests.Add(request);
        }
        IntakeReply? reply = Reply?.Invoke(request);
        await _answers.Task.WaitAsync(context.RequestAborted);
        if (reply is { Takes: true }) Take(request, request.Events);
        await WriteAsync(context, reply ?? Judge(request));
    }

    private async Task<IntakeRequest> ReadAsync(HttpRequest request)
    {
        using MemoryStream raw = new();
        await request.Body.CopyToAsync(raw);
        byte[] body = raw.ToArray();
        string? encoding = Header("Content-Encoding");
        if (encoding == "gzip")
        {
            using MemoryStream plain = new();
            using (GZipStream gzip = new(new MemoryStream(body), CompressionMode.Decompress)) gzip.CopyTo(plain);
            body = plain.ToArray();
        }
        List<byte[]> events = [];
        foreach (Range line in ((ReadOnlySpan<byte>)body).Split((byte)'\n'))
        {
            // An empty line is no event.
            if (body[line] is { Length: > 0 } text) events.Add(text);
        }
        return new IntakeRequest(Interlocked.Increment(ref _count), Header("X-SEKOIAIO-INTAKE-KEY"), Header("X-SEKOIAIO-EVENT-TIMESTAMP"), encoding, body.Length, events);

        string? Header(string name) => request.Headers.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues value) ? value.ToString() : null;
    }

    private IntakeReply Judge(IntakeRequest request)
    {
        if (request.Key is not { } key || Keys?.Contains(key) == false) return new IntakeReply(401, """{"message":"the intake key is not valid"}""");
        if (request.BodyBytes > LongestBody) return new IntakeReply(413, """{"message":"the body is too large"}""");
        int[] statuses = [.. request.Events.Select(text => text.Length > LongestEvent ? 413 : StatusOf?.Invoke(Encoding.UTF8.GetString(text)) ?? 200)];
        if (statuses.All(static status => status == 413)) return new IntakeReply(413, """{"message":"all events are too large"}""");
        Take(request, [.. request.Events.Where((_, i) => statuses[i] == 200)]);
        string ids = string.Join(',', statuses.Select(static status =>
            status == 200 ? $"\"{Guid.NewGuid()}\"" : string.Create(CultureInfo.InvariantCulture, $"{{\"status\":{status}}}")));
        return new IntakeReply(200, $"{{\"event_ids\":[{ids}]}}");
    }

    private void Take(IntakeRequest request, IReadOnlyList<byte[]> events)
    {
        foreach (byte[] text in events)
        {
            Sequence.Record(text);
            if (!_keeps) continue;
            lock (_gate) _events.Add((request.Key ?? "", Encoding.UTF8.GetString(text)));
        }
    }

    private static async Task WriteAsync(HttpContext context, IntakeReply reply)
    {
        context.Response.StatusCode = reply.Status;
        if (reply.RetryAfter is { } pause) context.Response.Headers.RetryAfter = pause;
        if (reply.Body is null) return;
        byte[] body = Encoding.UTF8.GetBytes(reply.Body);
        context.Response.ContentLength = body.Length;
        context.Response.ContentType = "application/json";
        if (reply.CutAt is not { } cut)
        {
            await context.Response.Body.WriteAsync(body);
            return;
        }
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.Body.WriteAsync(body.AsMemory(0, cut));
        await context.Response.Body.FlushAsync();
        context.Abort();
    }
}
