using System.Net.Security;
using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// Syslog over TLS (RFC 5425) or plain TCP, octet-counted (RFC 6587 3.4.1): blocks are sent as they are, or as lines. The protocol has
/// no acknowledgements, so those of the peer's TCP stack are used: both positions count bytes of blocks, which over TLS, and as lines,
/// are known to have arrived with the piece that they end in.
/// </summary>
internal sealed class SyslogConnection : StreamConnection
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
    /// <param name="network">The stream below the TLS layer.</param>
    /// <param name="acknowledgement">Acknowledgements of the peer's TCP stack.</param>
    /// <param name="lines">Converts blocks to lines; null sends them as they are.</param>
    /// <param name="onChange">Called when there is something new for the loop.</param>
    public SyslogConnection(
        RelayEndpoint endpoint, Stream stream, CountingStream network, TcpAcknowledgement acknowledgement, LineFrames? lines, Action onChange)
        : base(endpoint, stream, network, onChange)
    {
        _acknowledgement = acknowledgement;
        _lines = lines;
        _pieces = lines is not null || stream is SslStream ? new PiecePositions() : null;
        Reading = ReadAsync();
    }

    /// <summary>True after the peer's close_notify or FIN.</summary>
    public override bool PeerCloses => _peerCloses;

    /// <summary>True when the peer has reset the connection. After its FIN alone it may still acknowledge.</summary>
    public override bool AcknowledgesNoMore => _acknowledgement.IsReset;

    /// <summary>Bytes of blocks written so far.</summary>
    public override long Written => Interlocked.Read(ref _written);

    /// <summary>Bytes of blocks that the peer's TCP stack has acknowledged; null when the kernel no longer reports it.</summary>
    public override long? Acknowledged => Look(out _);

    public override long? Moved => _acknowledgement.BytesAcknowledged;

    public override long? Look(out long moved)
    {
        long? bytes = _acknowledgement.BytesAcknowledged;
        moved = bytes ?? 0;
        return _pieces is null || bytes is null ? bytes : _pieces.Above(moved);
    }

    /// <summary>
    /// A program that leaves data unread resets, which ends the reading with an error. (The TCP state does not show it: the side that
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

    /// <summary>Returns what to send next, and how many bytes of the block are known to have arrived with it.</summary>
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
    /// A program that closes with unread data resets; if it shut its direction down before, the reset follows its FIN, so it is
    /// waited for. A peer that sends close_notify and keeps the connection open for the answer proves more: what it sends after
    /// our FIN is its own close, and that is a FIN only if it has read everything.
    /// <para>
    /// That means read from the kernel. A TLS library that waits for our close_notify reads and discards what precedes it (OpenSSL's
    /// SSL_shutdown, called twice, as Python's unwrap does); TLS 1.2 even requires that. And a program that shuts down both directions and
    /// closes later resets when our answer arrives, not before.
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
        return Ended ?? new ConnectionEnd("the peer announced the close and did not close", InOrder: false);
    }

    /// <summary>
    /// A reset after the peer's FIN means that no program read our close_notify. If one does, the connection ends without an error.
    /// </summary>
    private async Task<bool> ResetsOurAnswerAsync(TimeSpan limit)
    {
        for (TimeSpan waited = default; !AcknowledgesNoMore && waited < limit; waited += BetweenLooks) await Task.Delay(BetweenLooks).ConfigureAwait(false);
        return _acknowledgement.HasError;
    }

    /// <summary>
    /// Reads until the peer's FIN, or <see cref="RelayConnection.Ended"/>. A syslog peer sends nothing, but reading is necessary: to see
    /// its close, and because unread TLS 1.3 session tickets would turn our own close into a reset, which destroys what the peer has not
    /// yet read.
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
            // Expected: a reset, a broken record, or our own dispose. In any case the connection is over.
            End(e);
        }
        OnChange();
    }
}
