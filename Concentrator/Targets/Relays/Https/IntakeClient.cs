using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Native;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;

namespace Concentrator.Targets.Relays.Https;

/// <summary>
/// Sends batches to the intake and reads its answers: HTTP/1.1 with kept connections. Every error is an answer
/// (<see cref="AnswerKind.None"/>), including unforeseen ones of a library. Any thread, several requests at a time.
/// </summary>
internal sealed class IntakeClient : IDisposable
{
    private const string KeyHeader = "X-SEKOIAIO-INTAKE-KEY", TimeHeader = "X-SEKOIAIO-EVENT-TIMESTAMP";

    /// <summary>Bytes of an id and its punctuation, several times a UUID; and of what else an answer may contain.</summary>
    private const int MostOfId = 256, MostBeside = 16 * 1024;

    /// <summary>The most often that a request which the network carries slowly gets another deadline.</summary>
    private const int MostDeadlines = 4;

    /// <summary>A connection that idles longer is closed by this side: many servers close it after 10 s, perhaps while a request is on its way.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(8);

    /// <summary>A name's addresses may change: no connection is used for new requests after that time.</summary>
    private static readonly TimeSpan LongestUse = TimeSpan.FromMinutes(10);

    /// <summary>The longest pause that an answer may ask for.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly IntakeStreams _streams;
    private readonly GzipBodies? _gzip;
    private readonly HttpMessageInvoker _http;
    private readonly Uri _url;
    private readonly string _host;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;

    /// <param name="intake">Host, port and path.</param>
    /// <param name="streams">Owned from now on.</param>
    /// <param name="limit">A request over which nothing moves for that long is given up.</param>
    public IntakeClient(RelayEndpoint intake, HttpsIntakeOptions options, IntakeStreams streams, TimeSpan limit, TimeProvider time)
    {
        _streams = streams;
        _limit = limit;
        _time = time;
        _gzip = options.Gzip && GzipEncoder.IsAvailable ? new GzipBodies() : null;

        // AutomaticDecompression is off, and must not even be set: that alone links zlib's inflate into the native binary.

        // The streams are encrypted already. To the handler this is plain HTTP, so that it does not encrypt again.
        string host = new RelayEndpoint(intake.Host, intake.Port).ToString();
        _url = new Uri($"http://{host}{options.UrlPath}/plain/batch");
        _host = intake.Port == 443 ? host[..host.LastIndexOf(':')] : host;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (_, stop) => streams.TakeAsync(stop),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = options.Requests,
            PooledConnectionIdleTimeout = IdleLimit,
            PooledConnectionLifetime = LongestUse,
        });
    }

    /// <inheritdoc cref="IntakeStreams.BytesAcknowledged"/>
    public long BytesAcknowledged => _streams.BytesAcknowledged;

    /// <summary>Sends a batch, which the caller must not change meanwhile, and returns what became of it.</summary>
    public async Task<IntakeAnswer> PostAsync(EventBatch batch, CancellationToken over)
    {
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(over);
        Task<IntakeAnswer> exchange = ExchangeAsync(batch, ends.Token);
        long moved = BytesAcknowledged;
        for (int deadline = 1; ; deadline++)
        {
            try
            {
                return await exchange.WaitAsync(_limit, _time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                long now = BytesAcknowledged;
                if (now > moved && deadline < MostDeadlines)
                {
                    moved = now;
                    continue;
                }
            }
            await ends.CancelAsync().ConfigureAwait(false);
            IntakeAnswer last = await exchange.ConfigureAwait(false);
            return last.Kind != AnswerKind.None ? last : new IntakeAnswer(AnswerKind.None, $"the intake did not answer a request within {_limit.TotalSeconds:0.#} s") { IsSilence = true };
        }
    }

    public void Dispose()
    {
        _streams.Dispose();
        _http.Dispose();
        _gzip?.Dispose();
    }

    private async Task<IntakeAnswer> ExchangeAsync(EventBatch batch, CancellationToken stop)
    {
        byte[]? packed = null;
        try
        {
            ReadOnlyMemory<byte>? small = _gzip?.TryPack(batch.Body.Span, out packed);
            using HttpRequestMessage request = new(HttpMethod.Post, _url)
            {
                Version = HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ReadOnlyMemoryContent(small ?? batch.Body),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
            if (small is not null) request.Content.Headers.ContentEncoding.Add("gzip");
            request.Headers.Host = _host;
            request.Headers.TryAddWithoutValidation("User-Agent", $"concentrator/{ProgramVersion.Current.Number}");
            if (batch.Key.Header is { } key) request.Headers.TryAddWithoutValidation(KeyHeader, key);
            if (batch.Time is { } time) request.Headers.TryAddWithoutValidation(TimeHeader, time);
            using HttpResponseMessage answer = await _http.SendAsync(request, stop).ConfigureAwait(false);
            return await ReadAsync(answer, batch, stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            for (Exception? cause = e; cause is not null; cause = cause.InnerException)
            {
                if (cause is IntakeUnreachableException unreachable) return new IntakeAnswer(AnswerKind.NotNow, unreachable.Message);
            }
            string why = e is OperationCanceledException ? "the request was given up" : Problem.OneLine(e.InnerException is { } inner ? $"{e.Message} ({inner.Message})" : e.Message);
            return new IntakeAnswer(AnswerKind.None, $"no complete answer: {why}");
        }
        finally
        {
            if (packed is not null) ArrayPool<byte>.Shared.Return(packed);
        }
    }

    private async Task<IntakeAnswer> ReadAsync(HttpResponseMessage answer, EventBatch batch, CancellationToken stop)
    {
        bool isSuccess = answer.IsSuccessStatusCode;
        int most = isSuccess ? MostBeside + batch.Events * MostOfId : PeerText.Most + 1;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(most + 1);
        try
        {
            using Stream body = await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
            int length = 0;
            for (int read; length <= most && (read = await body.ReadAsync(buffer.AsMemory(length, most + 1 - length), stop).ConfigureAwait(false)) > 0;) length += read;
            if (!isSuccess) return Judge(answer, buffer.AsSpan(0, length), batch);
            return length > most
                ? new IntakeAnswer(AnswerKind.None, $"the intake's answer is none: it is longer than {most:N0} bytes")
                : AnswerBody.Read(buffer.AsSpan(0, length), batch.Events);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private IntakeAnswer Judge(HttpResponseMessage answer, ReadOnlySpan<byte> body, EventBatch batch)
    {
        AnswerKind kind = IntakeAnswer.KindOf(answer.StatusCode);
        string said = PeerText.Show(body);
        string reason = Problem.OneLine($"the intake answers {(int)answer.StatusCode} {answer.ReasonPhrase}".TrimEnd() + (said.Length > 0 ? $" '{said}'" : ""));
        if (kind == AnswerKind.KeyRejected) reason += $"; check the intake key, which is that of {batch.Key.Place}";
        if (answer.Headers.Location is { } other) reason += $"; it points to {Problem.OneLine(PeerText.Show(System.Text.Encoding.UTF8.GetBytes(other.ToString())))}: check Url";
        return new IntakeAnswer(kind, reason) { RetryAfter = PauseOf(answer.Headers.RetryAfter) };
    }

    /// <summary>Both forms of the header: seconds, or a date.</summary>
    private TimeSpan? PauseOf(RetryConditionHeaderValue? asked)
    {
        TimeSpan? pause = asked?.Delta ?? (asked?.Date is { } date ? date - _time.GetUtcNow() : null);
        return pause is not { } wanted ? null : wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted > LongestPause ? LongestPause : wanted;
    }
}
