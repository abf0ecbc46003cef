using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using NATS.Client.Core;

namespace Concentrator.JetStream;

/// <summary>
/// One connection to one NATS server, from its opening to its end: it does not reconnect by itself, because what was under way has to be given
/// back first, and the pauses are the relay's. Any thread may use it.
/// </summary>
internal sealed class NatsSession : IAsyncDisposable
{
    /// <summary>A server that answers no ping for twice this long is gone.</summary>
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(10);

    /// <summary>Messages that wait here for their reader; a reader that is behind holds up the connection, nothing is dropped.</summary>
    private const int MostPending = 64 * 1024;

    private readonly NatsSessionOptions _options;
    private readonly CancellationTokenSource _over = new();
    private string? _ended;
    private string? _lastError;
    private Action<string> _onEnd = static _ => { };
    private Action<string> _onRefusal = static _ => { };
    private readonly ConcurrentDictionary<string, bool> _isRefusedAside = new(StringComparer.Ordinal);
    private Action<string> _onRefusedAside = static _ => { };

    private NatsSession(NatsSessionOptions options)
    {
        _options = options;
        Connection = new NatsConnection(OptionsOf(options));
        Connection.ConnectionDisconnected += (_, _) => EndAsync(_lastError is { } error ? $"the server closed the connection: {error}" : "the server closed the connection");
        Connection.ServerError += (_, error) => HearAsync(error);
        Connection.LameDuckModeActivated += (_, _) =>
        {
            IsLeaving = true;
            _onRefusal("");
            return ValueTask.CompletedTask;
        };
    }

    /// <summary>The server does not permit something; the text names the subject.</summary>
    private event Action<string>? _refused;

    public NatsConnection Connection { get; }

    /// <summary>Cancelled when the session is over.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Why it is over, in one line; null while it is not.</summary>
    public string? Ended => Volatile.Read(ref _ended);

    /// <summary>Whether the server has announced that it will stop: it takes what is under way, and nothing new should be begun.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Bytes of the longest message with its headers.</summary>
    public int MaxPayload => Connection.ServerInfo?.MaxPayload ?? 0;

    /// <summary>Version of the server.</summary>
    public string Version => Connection.ServerInfo?.Version ?? "?";

    /// <summary>Opens a session; it owns the socket in any case.</summary>
    /// <exception cref="IOException">It cannot be opened; the message is one line, and says why.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static async Task<NatsSession> OpenAsync(NatsSessionOptions options, CancellationToken stop)
    {
        NatsSession session = new(options);
        try
        {
            await session.Connection.ConnectAsync().AsTask().WaitAsync(stop).ConfigureAwait(false);
            if (session.Connection.ServerInfo is not { HeadersSupported: true }) throw new NatsException("the server knows no headers: NATS 2.2 or newer is needed");
            return session;
        }
        catch (Exception e)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            if (e is OperationCanceledException && stop.IsCancellationRequested) throw;
            throw new IOException(Why(e, options), e);
        }
    }

    /// <summary>Sets who is told, by any thread, when the session ends, and when the server refuses a single thing (an empty text: it leaves).</summary>
    public void Watch(Action<string> onEnd, Action<string> onRefusal)
    {
        _onEnd = onEnd;
        _onRefusal = onRefusal;
        _lastError = null;
        if (Ended is { } reason) onEnd(reason);
    }

    /// <summary>
    /// Subjects that the session can do without: where the server refuses one of them, <paramref name="onRefused"/> is told, by any thread, in place of
    /// those who watch the session.
    /// </summary>
    public void SetAside(IEnumerable<string> subjects, Action<string> onRefused)
    {
        _onRefusedAside = onRefused;
        foreach (string subject in subjects) _isRefusedAside.TryAdd(subject, false);
    }

    /// <summary>Whether the server has refused that subject, which was set aside.</summary>
    public bool IsRefused(string subject) => _isRefusedAside.GetValueOrDefault(subject);

    /// <summary>
    /// A subject of its own for answers, below which words can be appended. The client's inboxes are for one subject each: a wildcard below one
    /// gets nothing.
    /// </summary>
    public string NewInbox() => $"{Connection.Opts.InboxPrefix}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(11))}";

    /// <summary>A request to JetStream. Exactly one of the results is set; the caller disposes of the answer.</summary>
    public async Task<(JsonDocument? Answer, ApiError? Error)> AskAsync(string subject, byte[] request, CancellationToken stop)
    {
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(stop, Over);
        TaskCompletionSource<string> refusal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _refused += Hear;
        try
        {
            Task<NatsMsg<byte[]>> asking = Connection.RequestAsync<byte[], byte[]>(
                subject, request, requestSerializer: NatsRawSerializer<byte[]>.Default, replySerializer: NatsRawSerializer<byte[]>.Default,
                replyOpts: new NatsSubOpts { Timeout = _options.Limit, ThrowIfNoResponders = true }, cancellationToken: both.Token).AsTask();
            if (await Task.WhenAny(asking, refusal.Task).ConfigureAwait(false) != asking) await both.CancelAsync().ConfigureAwait(false);
            NatsMsg<byte[]> reply = await asking.ConfigureAwait(false);
            if (reply.Data is not { Length: > 0 } bytes) return (null, new ApiError(0, 0, "the server does not run JetStream for this account"));
            JsonDocument answer = JsonDocument.Parse(bytes);
            if (ApiError.Of(answer.RootElement) is not { } error) return (answer, null);
            answer.Dispose();
            return (null, error);
        }
        catch (NatsNoRespondersException)
        {
            return (null, new ApiError(503, ApiError.NotEnabled, "JetStream is not enabled for this account, or has no leader"));
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or JsonException && !stop.IsCancellationRequested)
        {
            string reason = refusal.Task.IsCompletedSuccessfully ? refusal.Task.Result : Ended ?? _lastError ?? (e is JsonException ? "the answer is not JSON" : FormattableString.Invariant($"no answer within {_options.Limit.TotalSeconds:0.#} s"));
            return (null, new ApiError(0, 0, reason));
        }
        finally
        {
            _refused -= Hear;
        }

        // The server answers nothing to what it does not permit, and says so apart.
        void Hear(string what)
        {
            if (IsAbout(what, subject)) refusal.TrySetResult(what);
        }
    }

    /// <summary>Publishes an answer to a subject; false where the session is over, so that it was not sent.</summary>
    public async Task<bool> TellAsync(string subject, ReadOnlyMemory<byte> answer)
    {
        try
        {
            await Connection.PublishAsync(subject, answer, serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: Over).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // Expected: the session is over, which its end says.
            return false;
        }
    }

    /// <summary>Waits until the server has everything that was published, at most for the limit of a step.</summary>
    public async Task FlushAsync()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Over);
        limit.CancelAfter(_options.Limit);
        try
        {
            await Connection.PingAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // Expected: the session is over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync("closed").ConfigureAwait(false);
        try
        {
            await Connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Ignored: the client unsubscribes as it ends, and throws if a dead server does not take that in time. Any type is caught: what was not
            // acknowledged is sent again, and an exception here would end the process.
        }

        // Also where the client never got as far as to take it, or stopped halfway.
        _options.Socket.Dispose();
        _over.Dispose();
    }

    private async ValueTask EndAsync(string reason)
    {
        if (Interlocked.CompareExchange(ref _ended, reason, null) is not null) return;
        await _over.CancelAsync().ConfigureAwait(false);
        _onEnd(reason);
    }

    private ValueTask HearAsync(NatsServerErrorEventArgs error)
    {
        string what = Problem.OneLine(error.Error);
        if (error.Kind == NatsServerErrorKind.PermissionsViolation) HearRefusal(what);
        else _lastError = what;
        return ValueTask.CompletedTask;
    }

    private void HearRefusal(string what)
    {
        _refused?.Invoke(what);
        if (_isRefusedAside.Keys.FirstOrDefault(subject => IsAbout(what, subject)) is { } aside)
        {
            _isRefusedAside[aside] = true;
            _onRefusedAside(what);
            return;
        }
        _lastError = what;
        _onRefusal(what);
    }

    private static bool IsAbout(string refusal, string subject) => refusal.Contains($"\"{subject}\"", StringComparison.Ordinal);

    private static NatsOpts OptionsOf(NatsSessionOptions options) => NatsOpts.Default with
    {
        Url = $"nats://{options.Server}",
        Name = options.Name,
        SocketConnectionFactory = new OneSocket(options.Socket),
        TlsOpts = options.Tls is not { } tls
            ? new NatsTlsOpts { Mode = TlsMode.Disable }
            : new NatsTlsOpts
            {
                Mode = TlsMode.Require,
                ConfigureClientAuthentication = authentication =>
                {
                    tls(authentication);
                    return ValueTask.CompletedTask;
                },
            },
        AuthOpts = AuthenticationOf(options.Credentials),
        ConnectTimeout = options.Limit,
        RequestTimeout = options.Limit,
        CommandTimeout = options.Limit,
        PingInterval = Ping,
        MaxReconnectRetry = 1,
        RetryOnInitialConnect = false,
        SubPendingChannelCapacity = MostPending,
        SubPendingChannelFullMode = System.Threading.Channels.BoundedChannelFullMode.Wait,
        PublishTimeoutOnDisconnected = true,
    };

    private static NatsAuthOpts AuthenticationOf(NatsCredentials credentials)
    {
        NatsAuthCred? shown = credentials switch
        {
            { User: { } user } => NatsAuthCred.FromUserInfo(user, credentials.Password?.Reveal() ?? ""),
            { Token: { } token } => NatsAuthCred.FromToken(token.Reveal()),
            { NKey: { } seed } => NatsAuthCred.FromNkey(seed.Reveal()),
            { CredentialsFile: { } file } => NatsAuthCred.FromCredsFile(file),
            _ => null,
        };
        return shown is { } show ? new NatsAuthOpts { AuthCredCallback = (_, _) => ValueTask.FromResult(show) } : NatsAuthOpts.Default;
    }

    /// <summary>The client wraps the reason, sometimes twice.</summary>
    private static string Why(Exception e, NatsSessionOptions options)
    {
        if (e is NatsException { InnerException: { } inner }) e = inner;
        string reason = e switch
        {
            NatsServerException { Error: { } error } => error,
            OperationCanceledException or TimeoutException => FormattableString.Invariant($"no answer within {options.Limit.TotalSeconds:0.#} s"),
            { InnerException: { } cause } => $"{e.Message} ({cause.Message})",
            _ => e.Message,
        };
        if (reason.Contains("requires TLS", StringComparison.Ordinal)) reason = "the server asks for TLS; write \"Tls\": true, or an object with CaFile";
        else if (reason.Contains("does not support TLS", StringComparison.Ordinal)) reason = "the server does not offer TLS; remove Tls, if the network may read what is sent";
        return Problem.OneLine(reason);
    }
}
