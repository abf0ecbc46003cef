using System.Net.Security;
using System.Net.Sockets;
using Concentrator.Configuration;

namespace Concentrator.Targets;

/// <summary>
/// A connection to a peer that is up: writes blocks, knows what has been acknowledged, and notices when the peer ends it.
/// Written by the relay's loop alone.
/// </summary>
internal sealed class RelayConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly CountingStream _network;
    private readonly TcpAcknowledgement _acknowledgement;
    private readonly Action _onEnded;
    private readonly CancellationTokenSource _deadline = new();
    private readonly Task _reading;
    private ConnectionEnd? _ended;
    private volatile bool _abandoned;
    private volatile bool _peerCloses;

    /// <param name="stream">The TLS layer, or the network itself.</param>
    /// <param name="onEnded">Called from the reading task when the peer has ended the connection.</param>
    public RelayConnection(
        RelayEndpoint endpoint, Stream stream, CountingStream network, TcpAcknowledgement acknowledgement, Action onEnded)
    {
        Endpoint = endpoint;
        _stream = stream;
        _network = network;
        _acknowledgement = acknowledgement;
        _onEnded = onEnded;
        _reading = ReadAsync();
    }

    public RelayEndpoint Endpoint { get; }

    /// <summary>For the log.</summary>
    public string Protocol { get; init; } = "plain TCP";

    /// <summary>The subject of the peer's certificate, for the log.</summary>
    public string? PeerSubject { get; init; }

    /// <summary>Why the connection is over; null while it is up.</summary>
    public ConnectionEnd? Ended => Volatile.Read(ref _ended);

    /// <summary>Bytes written below the TLS layer so far.</summary>
    public long CiphertextWritten => _network.BytesWritten;

    /// <summary>Of those, the bytes that the peer's TCP stack has acknowledged; null when that can no longer be asked.</summary>
    public long? CiphertextAcknowledged => _acknowledgement.BytesAcknowledged;

    /// <summary>Step 7 of the journey: one whole block. False, with <see cref="Ended"/> saying why, when the connection is over.</summary>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit)
    {
        if (_peerCloses)
        {
            await WaitForReaderAsync().ConfigureAwait(false);
            return false;
        }
        try
        {
            _deadline.CancelAfter(limit);
            await _stream.WriteAsync(block, _deadline.Token).ConfigureAwait(false);
            _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            return true;
        }
        catch (OperationCanceledException)
        {
            End(_abandoned ? "we stop" : $"the peer took nothing for {limit.TotalSeconds:0.#} s", inOrder: false);
            return false;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            await WaitForReaderAsync().ConfigureAwait(false);
            End(e);
            return false;
        }
    }

    /// <summary>Ends a write in progress: the stop's deadline has come.</summary>
    public void Abandon()
    {
        _abandoned = true;
        _deadline.Cancel();
    }

    /// <summary>Says good-bye: TLS close_notify, then FIN.</summary>
    public async Task CloseAsync(TimeSpan limit)
    {
        try
        {
            using CancellationTokenSource deadline = new(limit);
            if (_stream is SslStream tls) await tls.ShutdownAsync().WaitAsync(deadline.Token).ConfigureAwait(false);
            _network.Socket.Shutdown(SocketShutdown.Send);
            await _reading.WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException
            or ObjectDisposedException or InvalidOperationException)
        {
            // Ignorable: everything was acknowledged or will be sent again; the courtesy failed.
        }
    }

    public async ValueTask DisposeAsync()
    {
        // First the socket: no farewell may wait for a peer that is dead.
        _network.Socket.Dispose();
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _deadline.Dispose();
    }

    /// <summary>
    /// A syslog peer says nothing, but it has to be listened to: for its close, and because TLS 1.3 session tickets left
    /// unread would turn our own close into a reset, which destroys what the peer has not yet read.
    /// </summary>
    private async Task ReadAsync()
    {
        byte[] buffer = new byte[1024];
        try
        {
            while (await _stream.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }
            End("the peer closed the connection", inOrder: await EndsInOrderAsync(buffer).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            // Expected: a reset, a broken record, or our own dispose. Whatever it was, the connection is over.
            End(e);
        }
        _onEnded();
    }

    /// <summary>
    /// Whether the peer's close was an orderly one: a FIN that no reset follows. (A close_notify says nothing of what the peer's
    /// program has read, and a peer that shuts down and then closes over unread data sends a FIN first.) Where something was
    /// still on its way a reset follows by nature; then nobody knows, and that means sending again.
    /// </summary>
    private async Task<bool> EndsInOrderAsync(byte[] buffer)
    {
        _peerCloses = true;
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(1));
        try
        {
            while (await _network.ReadAsync(buffer, deadline.Token).ConfigureAwait(false) > 0)
            {
            }
            for (int look = 0; look < 10 && !_acknowledgement.IsReset; look++) await Task.Delay(10, deadline.Token).ConfigureAwait(false);
            return !_acknowledgement.IsReset;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Expected: the reset, or no FIN within a second.
            return false;
        }
    }

    /// <summary>
    /// Only the reading side knows how a connection ended. A write after a reset gets EPIPE, as it does after the peer's FIN, once
    /// the reading side has collected the reset itself: taken for an orderly close, that would keep the tail from being sent again.
    /// </summary>
    private async Task WaitForReaderAsync()
    {
        try
        {
            await _reading.WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The reading side does not see it: nobody knows, and that means sending again.
        }
    }

    private void End(Exception e) => End(e.InnerException?.Message ?? e.Message, inOrder: false);

    /// <summary>The first reason counts: what follows is its consequence.</summary>
    private void End(string reason, bool inOrder) => Interlocked.CompareExchange(ref _ended, new ConnectionEnd(reason, inOrder), null);
}

/// <summary>How a connection ended.</summary>
/// <param name="Reason">One line for people.</param>
/// <param name="InOrder">
/// The peer closed it with a FIN, and so had read everything that its TCP stack had acknowledged; after a reset or a timeout
/// nobody knows (DESIGN 5.2).
/// </param>
internal sealed record ConnectionEnd(string Reason, bool InOrder);
