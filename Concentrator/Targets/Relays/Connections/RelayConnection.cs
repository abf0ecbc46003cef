using System.Net.Security;
using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// An open connection to a peer: writes blocks, tracks acknowledgements, and detects when the peer ends it.
/// The unit of the two positions depends on the protocol; the loop only compares them. Only the relay's loop writes.
/// </summary>
/// <param name="endpoint">The peer.</param>
/// <param name="stream">The TLS layer, or the network itself.</param>
/// <param name="network">The stream below the TLS layer.</param>
/// <param name="onChange">Called from the reading task when there is something new for the loop.</param>
internal abstract class RelayConnection(RelayEndpoint endpoint, Stream stream, CountingStream network, Action onChange) : IAsyncDisposable
{
    private readonly CancellationTokenSource _deadline = new();
    private Timer? _watch;
    private TimeSpan _watchSpan;
    private long _watchedAt;
    private ConnectionEnd? _ended;
    private volatile bool _abandoned;
    private volatile bool _isReset;

    public RelayEndpoint Endpoint { get; } = endpoint;

    /// <summary>Name of the protocol, for the log.</summary>
    public required string Protocol { get; init; }

    /// <summary>The subject of the peer's certificate, for the log.</summary>
    public string? PeerSubject { get; init; }

    /// <summary>End of the peer certificate's validity, local time; null without TLS.</summary>
    public DateTime? PeerValidUntil { get; init; }

    /// <summary>Round-trip time, measured by TCP while connecting; null when it is not available.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Why the connection is over; null while it is up.</summary>
    public ConnectionEnd? Ended => Volatile.Read(ref _ended);

    /// <summary>Whether the peer has reset the connection; false for timeouts of the kernel or of the relay.</summary>
    public bool IsReset => _isReset;

    /// <summary>Position at which the last block written ends.</summary>
    public abstract long Written { get; }

    /// <summary>Position before which everything is acknowledged; null when it is no longer known.</summary>
    public abstract long? Acknowledged { get; }

    /// <summary>
    /// Increases with any acknowledgement, however small, whereas <see cref="Acknowledged"/> increases by whole messages or records; null
    /// when it is no longer known.
    /// </summary>
    public virtual long? Moved => Acknowledged;

    /// <summary>Returns <see cref="Acknowledged"/> and <see cref="Moved"/> with one query to the kernel.</summary>
    public virtual long? Look(out long moved)
    {
        long? acknowledged = Acknowledged;
        moved = acknowledged ?? 0;
        return acknowledged;
    }

    /// <summary>After <see cref="CloseAsync"/>, with all acknowledged: whether the peer's close proves that it has read all.</summary>
    public abstract bool HasReadEverything { get; }

    /// <summary>Whether the protocol's limit of data in flight is reached: nothing is sent until some of it is acknowledged.</summary>
    public virtual bool IsFull => false;

    /// <summary>Whether the peer has announced its close: nothing more is sent to it.</summary>
    public abstract bool PeerCloses { get; }

    /// <summary>Whether no more acknowledgements can come for what was written.</summary>
    public abstract bool AcknowledgesNoMore { get; }

    protected Stream Stream { get; } = stream;

    protected CountingStream Network { get; } = network;

    protected Action OnChange { get; } = onChange;

    /// <summary>Completes when nothing more comes from the peer. Started by the constructor of each subclass.</summary>
    protected Task Reading { get; init; } = Task.CompletedTask;

    /// <summary>
    /// Step 7 of the journey: writes one whole block. False when the connection is over; <see cref="Ended"/> says why. A peer that
    /// acknowledges nothing for <paramref name="limit"/> is given up; one that acknowledges slowly is waited for.
    /// </summary>
    public abstract ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit);

    /// <summary>Answers the close of a peer that acknowledges no more; the result says whether the close was orderly.</summary>
    public abstract Task<ConnectionEnd> AnswerCloseAsync(TimeSpan limit);

    /// <summary>Ends a write in progress because the stop's deadline has passed.</summary>
    public void Abandon()
    {
        _abandoned = true;
        _deadline.Cancel();
    }

    /// <summary>Closes in order: the protocol's own close message, TLS close_notify, then FIN.</summary>
    public async Task CloseAsync(TimeSpan limit)
    {
        try
        {
            using CancellationTokenSource deadline = new(limit);
            await SayFarewellAsync(deadline.Token).ConfigureAwait(false);
            if (Stream is SslStream tls) await tls.ShutdownAsync().WaitAsync(deadline.Token).ConfigureAwait(false);
            Network.Socket.Shutdown(SocketShutdown.Send);
            await Reading.WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Ignored: everything was acknowledged or will be sent again, and only the orderly close failed. Any type is caught, because
            // OpenSSL's own exception, for a peer that sends while the connection closes, is of a type that is not accessible here.
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The socket first: no close message may wait for a dead peer.
        Network.Socket.Dispose();
        await Stream.DisposeAsync().ConfigureAwait(false);
        await Reading.ConfigureAwait(false);
        if (_watch is not null) await _watch.DisposeAsync().ConfigureAwait(false);
        _deadline.Dispose();
    }

    /// <summary>Sends the protocol's close message before TLS and TCP close. May throw what a write throws.</summary>
    protected virtual Task SayFarewellAsync(CancellationToken deadline) => Task.CompletedTask;

    /// <summary>Writes to the stream. False when the connection is over; <see cref="Ended"/> says why.</summary>
    protected async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan limit)
    {
        try
        {
            ValueTask writing = Stream.WriteAsync(bytes, _deadline.Token);

            // A peer that keeps up has room for it: no timer is set then, because that would cost more than the write.
            bool mustWait = !writing.IsCompleted;
            if (mustWait) BeginWatch(limit);
            await writing.ConfigureAwait(false);
            if (mustWait) _watch!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return true;
        }
        catch (OperationCanceledException)
        {
            End(_abandoned
                ? new ConnectionEnd("the server is stopping", InOrder: false)
                : new ConnectionEnd($"the peer accepted no data for {limit.TotalSeconds:0.#} s", InOrder: false, IsSilence: true));
            return false;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // A peer that has only closed its own direction still accepts data, so this is a reset.
            End(e);
            return false;
        }
    }

    private void BeginWatch(TimeSpan limit)
    {
        _watchSpan = limit;
        _watchedAt = Moved ?? 0;
        _watch ??= new Timer(_ => Watch());
        _watch.Change(limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called after a write has waited for a whole limit: it may continue if anything was acknowledged meanwhile.</summary>
    private void Watch()
    {
        try
        {
            if (Moved is { } moved && moved > _watchedAt)
            {
                _watchedAt = moved;
                _watch!.Change(_watchSpan, Timeout.InfiniteTimeSpan);
            }
            else
            {
                _deadline.Cancel();
            }
        }
        catch (ObjectDisposedException)
        {
            // Expected: the connection has just ended.
        }
    }

    protected void End(Exception e)
    {
        Exception cause = e.InnerException ?? e;
        SocketError error = (cause as SocketException)?.SocketErrorCode ?? SocketError.Success;
        if (error is SocketError.ConnectionReset or SocketError.Shutdown) _isReset = true;
        End(new ConnectionEnd(cause.Message, InOrder: false, IsSilence: error == SocketError.TimedOut));
    }

    protected void End(string reason, bool inOrder) => End(new ConnectionEnd(reason, inOrder));

    /// <summary>Keeps the first reason, because later ones are its consequences.</summary>
    protected void End(ConnectionEnd end) => Interlocked.CompareExchange(ref _ended, end, null);
}

/// <summary>How a connection ended.</summary>
/// <param name="Reason">A one-line description.</param>
/// <param name="InOrder">
/// The peer closed it after it had acknowledged everything, and no reset followed, so it has read everything. After a reset or
/// a timeout that is unknown (docs/reference/receivers.md, What TCP acknowledges).
/// </param>
/// <param name="IsRefusal">The peer refused what it was sent, and would again, so the next attempt is delayed.</param>
/// <param name="IsSilence">The peer acknowledged nothing for so long that the relay, or the kernel, gave it up.</param>
/// <param name="Discards">For an orderly end: what may be unread if data was in flight when the peer announced its close.</param>
internal sealed record ConnectionEnd(string Reason, bool InOrder, bool IsRefusal = false, bool IsSilence = false, Discarded Discards = Discarded.Nothing);

/// <summary>What a peer may have discarded unread although its TCP acknowledged it, without a reset to show that.</summary>
internal enum Discarded
{
    Nothing,

    /// <summary>Only what was in flight when the peer announced its close.</summary>
    OnItsWay,

    /// <summary>As after a reset: an unknown amount.</summary>
    Tail,
}
