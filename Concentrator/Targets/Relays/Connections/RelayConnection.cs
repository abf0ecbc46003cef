using System.Net.Security;
using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// A connection to a peer that is up: writes blocks, knows what has been acknowledged, and notices when the peer ends it.
/// What the two positions count is the protocol's own affair; the loop only compares them. Written by the relay's loop alone.
/// </summary>
/// <param name="endpoint">The peer.</param>
/// <param name="stream">The TLS layer, or the network itself.</param>
/// <param name="network">What is below the TLS layer.</param>
/// <param name="onChange">Called from the reading task when there is something new for the loop to look at.</param>
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

    /// <summary>For the log.</summary>
    public required string Protocol { get; init; }

    /// <summary>The subject of the peer's certificate, for the log.</summary>
    public string? PeerSubject { get; init; }

    /// <summary>When the peer's certificate ends, local time; null without TLS.</summary>
    public DateTime? PeerValidUntil { get; init; }

    /// <summary>To the peer and back, as its TCP answered while connecting; null when that could not be asked.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Why the connection is over; null while it is up.</summary>
    public ConnectionEnd? Ended => Volatile.Read(ref _ended);

    /// <summary>The peer has ended it with a reset; not our kernel's patience, nor ours.</summary>
    public bool IsReset => _isReset;

    /// <summary>Where the last block written ends.</summary>
    public abstract long Written { get; }

    /// <summary>Up to here everything is acknowledged; null when that can no longer be known.</summary>
    public abstract long? Acknowledged { get; }

    /// <summary>
    /// Grows with any acknowledgement, however small, as <see cref="Acknowledged"/> does by whole messages or records; null when
    /// that can no longer be known.
    /// </summary>
    public virtual long? Moved => Acknowledged;

    /// <summary>Both at once: <see cref="Acknowledged"/> is the result. The kernel is asked once.</summary>
    public virtual long? Look(out long moved)
    {
        long? acknowledged = Acknowledged;
        moved = acknowledged ?? 0;
        return acknowledged;
    }

    /// <summary>After <see cref="CloseAsync"/>, when all is acknowledged: the peer's own close has proved that it has read it.</summary>
    public abstract bool HasReadEverything { get; }

    /// <summary>As much is on its way as the protocol lets be: nothing more until some of it is acknowledged.</summary>
    public virtual bool IsFull => false;

    /// <summary>The peer has said that it closes: it gets nothing more.</summary>
    public abstract bool PeerCloses { get; }

    /// <summary>Nothing of what was written and is not acknowledged ever will be.</summary>
    public abstract bool AcknowledgesNoMore { get; }

    protected Stream Stream { get; } = stream;

    protected CountingStream Network { get; } = network;

    protected Action OnChange { get; } = onChange;

    /// <summary>Ends when nothing more comes from the peer. Begun by the constructor of each kind.</summary>
    protected Task Reading { get; init; } = Task.CompletedTask;

    /// <summary>
    /// Step 7 of the journey: one whole block. False, with <see cref="Ended"/> saying why, when the connection is over. A peer that
    /// acknowledges nothing for <paramref name="limit"/> is given up; one that acknowledges slowly is waited for.
    /// </summary>
    public abstract ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit);

    /// <summary>Answers the close of a peer that acknowledges no more, and tells whether it was an orderly one.</summary>
    public abstract Task<ConnectionEnd> AnswerCloseAsync(TimeSpan limit);

    /// <summary>Ends a write in progress: the stop's deadline has come.</summary>
    public void Abandon()
    {
        _abandoned = true;
        _deadline.Cancel();
    }

    /// <summary>Says good-bye: the protocol's own farewell, TLS close_notify, then FIN.</summary>
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
            // Ignorable: everything was acknowledged or will be sent again; the courtesy failed. Whatever it was: OpenSSL's own
            // exception, for a peer that speaks while we close, is of a type that cannot be named here.
        }
    }

    public async ValueTask DisposeAsync()
    {
        // First the socket: no farewell may wait for a peer that is dead.
        Network.Socket.Dispose();
        await Stream.DisposeAsync().ConfigureAwait(false);
        await Reading.ConfigureAwait(false);
        if (_watch is not null) await _watch.DisposeAsync().ConfigureAwait(false);
        _deadline.Dispose();
    }

    /// <summary>What the protocol says before TLS and TCP close. May throw what writing throws.</summary>
    protected virtual Task SayFarewellAsync(CancellationToken deadline) => Task.CompletedTask;

    /// <summary>Writes to the stream. False, with <see cref="Ended"/> saying why, when the connection is over.</summary>
    protected async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan limit)
    {
        try
        {
            ValueTask writing = Stream.WriteAsync(bytes, _deadline.Token);

            // A peer that keeps up has room for it: then no timer is set, which would cost more than the write.
            bool mustWait = !writing.IsCompleted;
            if (mustWait) BeginWatch(limit);
            await writing.ConfigureAwait(false);
            if (mustWait) _watch!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return true;
        }
        catch (OperationCanceledException)
        {
            End(_abandoned
                ? new ConnectionEnd("we stop", InOrder: false)
                : new ConnectionEnd($"the peer took nothing for {limit.TotalSeconds:0.#} s", InOrder: false, IsSilence: true));
            return false;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // A peer that has only closed its own direction still takes what we write: this is a reset.
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

    /// <summary>A write has waited for a whole limit: it may go on if anything was acknowledged meanwhile.</summary>
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
            // Expected: the connection ended in this moment.
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

    /// <summary>The first reason counts: what follows is its consequence.</summary>
    protected void End(ConnectionEnd end) => Interlocked.CompareExchange(ref _ended, end, null);
}

/// <summary>How a connection ended.</summary>
/// <param name="Reason">One line for people.</param>
/// <param name="InOrder">
/// The peer closed it after it had acknowledged everything, and no reset followed: it has read everything. After a reset or
/// a timeout nobody knows (docs/reference/receivers.md, What TCP acknowledges).
/// </param>
/// <param name="IsRefusal">The peer refused what it was sent, and would again: it is not called again at once.</param>
/// <param name="IsSilence">The peer acknowledged nothing for so long that we, or our kernel, gave it up.</param>
/// <param name="Discards">Of an orderly end: what may be unread if something was on its way when the peer said that it closes.</param>
internal sealed record ConnectionEnd(string Reason, bool InOrder, bool IsRefusal = false, bool IsSilence = false, Discarded Discards = Discarded.Nothing);

/// <summary>What a peer may have thrown away, unread, though its TCP has acknowledged it and no reset says so.</summary>
internal enum Discarded
{
    Nothing,

    /// <summary>What was on its way when the peer said that it closes, and no more.</summary>
    OnItsWay,

    /// <summary>As after a reset: nobody knows how much.</summary>
    Tail,
}
