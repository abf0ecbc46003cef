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
    private readonly Action _onChange;
    private readonly CancellationTokenSource _deadline = new();
    private readonly Task _reading;
    private ConnectionEnd? _ended;
    private volatile bool _abandoned;
    private volatile bool _peerCloses;

    /// <param name="stream">The TLS layer, or the network itself.</param>
    /// <param name="onChange">Called from the reading task when the peer begins to close the connection, and when it has ended it.</param>
    public RelayConnection(
        RelayEndpoint endpoint, Stream stream, CountingStream network, TcpAcknowledgement acknowledgement, Action onChange)
    {
        Endpoint = endpoint;
        _stream = stream;
        _network = network;
        _acknowledgement = acknowledgement;
        _onChange = onChange;
        _reading = ReadAsync();
    }

    public RelayEndpoint Endpoint { get; }

    /// <summary>For the log.</summary>
    public string Protocol { get; init; } = "plain TCP";

    /// <summary>The subject of the peer's certificate, for the log.</summary>
    public string? PeerSubject { get; init; }

    /// <summary>Why the connection is over; null while it is up.</summary>
    public ConnectionEnd? Ended => Volatile.Read(ref _ended);

    /// <summary>The peer has said that it closes (close_notify or FIN). What was written may still be read and acknowledged.</summary>
    public bool PeerCloses => _peerCloses;

    /// <summary>The peer has reset the connection: nothing more will be acknowledged.</summary>
    public bool IsReset => _acknowledgement.IsReset;

    /// <summary>Bytes written below the TLS layer so far.</summary>
    public long CiphertextWritten => _network.BytesWritten;

    /// <summary>Of those, the bytes that the peer's TCP stack has acknowledged; null when that can no longer be asked.</summary>
    public long? CiphertextAcknowledged => _acknowledgement.BytesAcknowledged;

    /// <summary>Step 7 of the journey: one whole block. False, with <see cref="Ended"/> saying why, when the connection is over.</summary>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit)
    {
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
            // A peer that has only closed its own direction still takes what we write: this is a reset.
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
        catch (Exception)
        {
            // Ignorable: everything was acknowledged or will be sent again; the courtesy failed. Whatever it was: OpenSSL's own
            // exception, for a peer that speaks while we close, is of a type that cannot be named here.
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
    /// Answers the close of a peer that has acknowledged everything, and tells whether it was an orderly one.
    /// <para>
    /// A program that closes over unread data resets: right behind its FIN, if it shut its direction down before, so that reset is
    /// waited for. A peer that says close_notify and keeps the connection open for our answer proves more: what it sends after
    /// our FIN is its own close, and that is a FIN only if it has read everything.
    /// </para>
    /// </summary>
    public async Task<ConnectionEnd> AnswerCloseAsync(TimeSpan limit)
    {
        for (int look = 0; look < 10 && !IsReset; look++) await Task.Delay(10).ConfigureAwait(false);
        if (IsReset) return new ConnectionEnd("the peer closed the connection and reset it", InOrder: false);
        bool finCame = _reading.IsCompleted;
        await CloseAsync(limit).ConfigureAwait(false);
        if (finCame || _reading.IsCompleted) End("the peer closed the connection", inOrder: true);
        return Ended ?? new ConnectionEnd("the peer said that it closes and did not", InOrder: false);
    }

    /// <summary>
    /// A syslog peer says nothing, but it has to be listened to: for its close, and because TLS 1.3 session tickets left
    /// unread would turn our own close into a reset, which destroys what the peer has not yet read. Ends with the peer's FIN,
    /// or with <see cref="Ended"/>.
    /// </summary>
    private async Task ReadAsync()
    {
        byte[] buffer = new byte[1024];
        try
        {
            while (await _stream.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }
            _peerCloses = true;
            _onChange();
            while (await _network.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception e)
        {
            // Expected: a reset, a broken record, or our own dispose. Whatever it was, the connection is over.
            End(e);
        }
        _onChange();
    }

    private void End(Exception e) => End(e.InnerException?.Message ?? e.Message, inOrder: false);

    /// <summary>The first reason counts: what follows is its consequence.</summary>
    private void End(string reason, bool inOrder) => Interlocked.CompareExchange(ref _ended, new ConnectionEnd(reason, inOrder), null);
}

/// <summary>How a connection ended.</summary>
/// <param name="Reason">One line for people.</param>
/// <param name="InOrder">
/// The peer closed it after it had acknowledged everything, and no reset followed: it has read everything. After a reset or
/// a timeout nobody knows (DESIGN 5.2).
/// </param>
internal sealed record ConnectionEnd(string Reason, bool InOrder);
