using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays.Relp;

/// <summary>
/// A RELP session (version 1) whose <c>open</c> was answered. The receiver acknowledges each message, so both positions count
/// messages: the receiver has taken over acknowledged messages, and they are never sent again.
/// </summary>
internal sealed class RelpConnection : StreamConnection
{
    // Socket option without a .NET name.
    private const int TcpLevel = 6;
    private const int TcpQuickAck = 12;

    private readonly RelpReader _reader;
    private readonly RelpWindow _window = new();
    private readonly RelpFrameWriter _writer;
    private volatile bool _peerCloses;
    private volatile bool _weClose;

    private static ReadOnlySpan<byte> One => [1, 0, 0, 0];

    /// <param name="endpoint">The peer.</param>
    /// <param name="stream">The TLS layer, or the network itself.</param>
    /// <param name="network">The stream below the TLS layer.</param>
    /// <param name="reader">Holds what came after the answer to <c>open</c>.</param>
    /// <param name="onChange">Called from the reading task when something was acknowledged, and when the session is over.</param>
    public RelpConnection(RelayEndpoint endpoint, Stream stream, CountingStream network, RelpReader reader, Action onChange)
        : base(endpoint, stream, network, onChange)
    {
        _reader = reader;
        _writer = new RelpFrameWriter(_window);
        Reading = ReadAsync();
    }

    public override long Written => _window.Opened;

    public override long? Acknowledged => _window.Acknowledged;

    /// <summary>The peer has taken over every message that it has answered.</summary>
    public override bool HasReadEverything => true;

    public override bool IsFull => _window.IsFull;

    /// <summary>True after the peer's <c>serverclose</c> or FIN.</summary>
    public override bool PeerCloses => _peerCloses;

    /// <summary>A peer that closes sends no more answers.</summary>
    public override bool AcknowledgesNoMore => _peerCloses;

    public override async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> block, TimeSpan limit)
    {
        while (true)
        {
            ReadOnlyMemory<byte> piece = _writer.Next(ref block);
            if (piece.IsEmpty) return true;
            if (!await SendAsync(piece, limit).ConfigureAwait(false)) return false;
        }
    }

    public override async Task<ConnectionEnd> AnswerCloseAsync(TimeSpan limit)
    {
        await CloseAsync(limit).ConfigureAwait(false);
        return Ended ?? new ConnectionEnd("the peer closed the session", InOrder: true);
    }

    protected override async Task SayFarewellAsync(CancellationToken deadline)
    {
        if (_peerCloses) return;
        _weClose = true;
        await Stream.WriteAsync(Encoding.ASCII.GetBytes($"{_window.Open()} close 0\n"), deadline).ConfigureAwait(false);
        await Reading.WaitAsync(deadline).ConfigureAwait(false);
    }

    /// <summary>Reads answers until the peer closes or the session cannot continue.</summary>
    private async Task ReadAsync()
    {
        try
        {
            int received = 0;
            do
            {
                _reader.Add(received);
                if (_window.IsFull) AcknowledgeAtOnce();
            }
            while (TakeFrames() && (received = await Stream.ReadAsync(_reader.Room).ConfigureAwait(false)) > 0);
            _peerCloses = true;
        }
        catch (Exception e)
        {
            // Expected: a reset, a broken record, or our own dispose. In any case the session is over.
            End(e);
        }
        OnChange();
    }

    /// <summary>
    /// A peer that writes each answer by itself, as librelp does, sends one segment and holds the next until that is acknowledged
    /// (Nagle's algorithm). If the kernel delays its acknowledgement, by 40 ms, a full window stalls: 30,000 messages
    /// a second with 1,024 of them, and 75,000 without that delay. While the window has room, fewer and larger segments arrive, at half
    /// the cost. The kernel resets the option on its own.
    /// </summary>
    private void AcknowledgeAtOnce() => Network.Socket.SetRawSocketOption(TcpLevel, TcpQuickAck, One);

    /// <summary>Handles all received frames; false when nothing more is to be read.</summary>
    private bool TakeFrames()
    {
        long before = _window.Acknowledged;
        RelpParse parse;
        while ((parse = _reader.TryRead(out RelpFrame frame)) == RelpParse.Frame)
        {
            if (frame.Command == RelpCommand.ServerClose) return false;
            if (frame.Command == RelpCommand.Response && !Take(frame)) return false;
        }
        if (parse == RelpParse.Broken) End($"the peer does not speak RELP: it answered '{_reader.Unread}'", inOrder: false);
        if (_window.Acknowledged != before) OnChange();
        return parse == RelpParse.Partial;
    }

    /// <summary>
    /// Handles one response; false when the session is over. A refused message counts as unanswered: its block is sent again.
    /// </summary>
    private bool Take(RelpFrame response)
    {
        bool isYes = response.Status == 200 || (_weClose && response.Data.IsEmpty);
        if (!isYes)
            End(new ConnectionEnd($"the peer refused a message: '{PeerText.Show(response.Data.Span)}'", InOrder: false, IsRefusal: true));
        else if (!_window.TryAnswer(response.Transaction))
            End($"the peer answered transaction {response.Transaction}, which is not open", inOrder: false);
        return Ended is null;
    }
}
