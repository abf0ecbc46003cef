using Concentrator.Configuration;

namespace Concentrator.Targets;

/// <summary>
/// Syslog over TLS (RFC 5425) or plain TCP, octet-counted (RFC 6587 3.4.1): blocks go out as they are. The protocol acknowledges
/// nothing, so the peer's TCP stack does: both positions count bytes below the TLS layer.
/// </summary>
internal sealed class SyslogConnection : RelayConnection
{
    private readonly TcpAcknowledgement _acknowledgement;
    private volatile bool _peerCloses;

    public SyslogConnection(
        RelayEndpoint endpoint, Stream stream, CountingStream network, TcpAcknowledgement acknowledgement, Action onChange)
        : base(endpoint, stream, network, onChange)
    {
        _acknowledgement = acknowledgement;
        Reading = ReadAsync();
    }

    /// <summary>By close_notify or FIN.</summary>
    public override bool PeerCloses => _peerCloses;

    /// <summary>The peer has reset the connection. After its FIN alone it may still acknowledge.</summary>
    public override bool AcknowledgesNoMore => _acknowledgement.IsReset;

    /// <summary>Bytes written below the TLS layer so far.</summary>
    public override long Written => Network.BytesWritten;

    /// <summary>Of those, the bytes that the peer's TCP stack has acknowledged; null when that can no longer be asked.</summary>
    public override long? Acknowledged => _acknowledgement.BytesAcknowledged;

    public override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit) => SendAsync(block, limit);

    /// <summary>
    /// A program that closes over unread data resets: right behind its FIN, if it shut its direction down before, so that reset is
    /// waited for. A peer that says close_notify and keeps the connection open for our answer proves more: what it sends after
    /// our FIN is its own close, and that is a FIN only if it has read everything.
    /// </summary>
    public override async Task<ConnectionEnd> AnswerCloseAsync(TimeSpan limit)
    {
        for (int look = 0; look < 10 && !AcknowledgesNoMore; look++) await Task.Delay(10).ConfigureAwait(false);
        if (AcknowledgesNoMore) return new ConnectionEnd("the peer closed the connection and reset it", InOrder: false);
        bool finCame = Reading.IsCompleted;
        await CloseAsync(limit).ConfigureAwait(false);
        if (finCame || Reading.IsCompleted) End("the peer closed the connection", inOrder: true);
        return Ended ?? new ConnectionEnd("the peer said that it closes and did not", InOrder: false);
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
        }
        catch (Exception e)
        {
            // Expected: a reset, a broken record, or our own dispose. Whatever it was, the connection is over.
            End(e);
        }
        OnChange();
    }
}
