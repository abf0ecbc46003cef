using System.Net.Security;
using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>A session over one stream of bytes that this object owns: plain TCP or TLS.</summary>
/// <param name="endpoint">The peer.</param>
/// <param name="stream">The TLS layer, or the network itself.</param>
/// <param name="network">The stream below the TLS layer.</param>
/// <param name="onChange">Called from the reading task when there is something new for the loop.</param>
internal abstract class StreamConnection(RelayEndpoint endpoint, Stream stream, CountingStream network, Action onChange) : RelayConnection(endpoint, onChange)
{
    private readonly CancellationTokenSource _deadline = new();
    private Timer? _watch;
    private TimeSpan _watchSpan;
    private long _watchedAt;
    private volatile bool _abandoned;
    private volatile bool _isReset;

    public sealed override bool IsReset => _isReset;

    protected Stream Stream { get; } = stream;

    protected CountingStream Network { get; } = network;

    /// <summary>Completes when nothing more comes from the peer. Started by the constructor of each subclass.</summary>
    protected Task Reading { get; init; } = Task.CompletedTask;

    public sealed override void Abandon()
    {
        _abandoned = true;
        _deadline.Cancel();
    }

    /// <summary>Closes in order: the protocol's own close message, TLS close_notify, then FIN.</summary>
    public sealed override async Task CloseAsync(TimeSpan limit)
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

    public sealed override async ValueTask DisposeAsync()
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

    /// <summary>Writes to the stream. False when the connection is over; <see cref="RelayConnection.Ended"/> says why.</summary>
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
}
