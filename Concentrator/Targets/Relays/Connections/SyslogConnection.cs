using System.Net.Security;
using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// Syslog over TLS (RFC 5425) or plain TCP, octet-counted (RFC 6587 3.4.1): blocks go out as they are, or as lines. The protocol acknowledges
/// nothing, so the peer's TCP stack does: both positions count bytes of blocks, which over TLS, and as lines, are known to have
/// arrived with the piece that they end in.
/// </summary>
internal sealed class SyslogConnection : RelayConnection
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    private readonly TcpAcknowledgement _acknowledgement;
    private readonly PiecePositions? _pieces;
    private readonly LineFrames? _lines;
    private long _written;
    private volatile bool _peerCloses;
    private volatile bool _finCame;

    /// <param name="endpoint">The peer.</param>
    /// <param name="stream">The TLS layer, or the network itself.</param>
    /// <param name="network">What is below the TLS layer.</param>
    /// <param name="acknowledgement">Of the peer's TCP stack.</param>
    /// <param name="lines">Turns blocks into lines; null sends them as they are.</param>
    /// <param name="onChange">Called when there is something new for the loop to look at.</param>
    public SyslogConnection(
        RelayEndpoint endpoint, Stream stream, CountingStream network, TcpAcknowledgement acknowledgement, LineFrames? lines, Action onChange)
        : base(endpoint, stream, network, onChange)
    {
        _acknowledgement = acknowledgement;
        _lines = lines;
        _pieces = lines is not null || stream is SslStream ? new PiecePositions() : null;
        Reading = ReadAsync();
    }

    /// <summary>By close_notify or FIN.</summary>
    public override bool PeerCloses => _peerCloses;

    /// <summary>The peer has reset the connection. After its FIN alone it may still acknowledge.</summary>
    public override bool AcknowledgesNoMore => _acknowledgement.IsReset;

    /// <summary>Bytes of blocks written so far.</summary>
    public override long Written => Interlocked.Read(ref _written);

    /// <summary>Of those, the bytes that the peer's TCP stack has acknowledged; null when that can no longer be asked.</summary>
    public override long? Acknowledged => Look(out _);

    public override long? Moved => _acknowledgement.BytesAcknowledged;

    public override long? Look(out long moved)
    {
        long? bytes = _acknowledgement.BytesAcknowledged;
        moved = bytes ?? 0;
        return _pieces is null || bytes is null ? bytes : _pieces.Above(moved);
    }

    /// <summary>
    /// A program that leaves something unread resets, which ends the reading with an error. (The state says nothing any more: whoever
    /// closes first is in CLOSE when both have closed.)
    /// </summary>
    public override bool HasReadEverything => _finCame && Ended is null;

    public override async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit)
    {
        if (_pieces is null)
        {
            bool sent = await SendAsync(block, limit).ConfigureAwait(false);
            if (sent) Interlocked.Add(ref _written, block.Length);
            return sent;
        }
        while (NextPiece(ref block, out int covered) is { IsEmpty: false } piece)
        {
            if (!await SendAsync(piece, limit).ConfigureAwait(false)) return false;
            _pieces.Note(Network.BytesWritten, Interlocked.Add(ref _written, covered));
        }
        return true;
    }

    /// <summary>What goes out next, and how many bytes of the block are known to have arrived with it.</summary>
    private ReadOnlyMemory<byte> NextPiece(ref ReadOnlyMemory<byte> block, out int covered)
    {
        if (_lines is not null)
        {
            int before = block.Length;
            ReadOnlyMemory<byte> lines = _lines.Next(ref block);
            covered = before - block.Length;
            return lines;
        }
        ReadOnlyMemory<byte> piece = block[..Math.Min(block.Length, PiecePositions.Piece)];
        covered = piece.Length;
        block = block[covered..];
        return piece;
    }

    /// <summary>
    /// A program that closes over unread data resets: right behind its FIN, if it shut its direction down before, so that reset is
    /// waited for. A peer that says close_notify and keeps the connection open for our answer proves more: what it sends after
    /// our FIN is its own close, and that is a FIN only if it has read everything.
    /// <para>
    /// Read from the kernel, that is. A TLS library that waits for our close_notify takes what comes before it and throws it away (OpenSSL's
    /// SSL_shutdown, called twice, as Python's unwrap does); TLS 1.2 even asks for that. And a program that shuts down both directions and
    /// closes later resets at our answer, not before.
    /// </para>
    /// </summary>
    public override async Task<ConnectionEnd> AnswerCloseAsync(TimeSpan limit)
    {
        for (int look = 0; look < 10 && !AcknowledgesNoMore; look++) await Task.Delay(BetweenLooks).ConfigureAwait(false);
        if (AcknowledgesNoMore) return new ConnectionEnd("the peer closed the connection and reset it", InOrder: false);
        bool finCame = Reading.IsCompleted;
        await CloseAsync(limit).ConfigureAwait(false);
        bool isReset = finCame && Stream is SslStream && await ResetsOurAnswerAsync(limit).ConfigureAwait(false);
        if (finCame || Reading.IsCompleted)
        {
            Discarded discards = Stream is not SslStream ? Discarded.Nothing : isReset ? Discarded.Tail : Discarded.OnItsWay;
            End(new ConnectionEnd("the peer closed the connection", InOrder: true, Discards: discards));
        }
        return Ended ?? new ConnectionEnd("the peer said that it closes and did not", InOrder: false);
    }

    /// <summary>
    /// Behind its FIN: no program reads our close_notify any more. Where one does, the connection comes to its end as well, but without an error.
    /// </summary>
    private async Task<bool> ResetsOurAnswerAsync(TimeSpan limit)
    {
        for (TimeSpan waited = default; !AcknowledgesNoMore && waited < limit; waited += BetweenLooks) await Task.Delay(BetweenLooks).ConfigureAwait(false);
        return _acknowledgement.HasError;
    }

    /// <summary>
    /// A syslog peer says nothing, but it has to be listened to: for its close, and because TLS 1.3 session tickets left
    /// unread would turn our own close into a reset, which destroys what the peer has not yet read. Ends with the peer's FIN,
    /// or with <see cref="RelayConnection.Ended"/>.
    /// </summary>
    private async Task ReadAsync()
    {
        byte[] buffer = new byte[1024];
        try
        {
            while (await Stream.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }
            _peerCloses = true;
            OnChange();
            while (await Network.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }
            _finCame = true;
        }
        catch (Exception e)
        {
            // Expected: a reset, a broken record, or our own dispose. Whatever it was, the connection is over.
            End(e);
        }
        OnChange();
    }
}
