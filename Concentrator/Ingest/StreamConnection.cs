using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Concentrator.Configuration;
using Concentrator.Messages;
using Concentrator.Routing;
using Concentrator.Telemetry;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest;

/// <summary>
/// Steps 1 and 2 of the journey for streams: one connection, read until its peer closes it, it breaks the framing, it is
/// cut, or we stop. Parsing runs on the connection's own continuation; only back-pressure makes it wait.
/// </summary>
internal sealed class StreamConnection
{
    /// <summary>On our stop, a connection that is silent for this long has nothing more on its way from this host's kernel.</summary>
    private static readonly TimeSpan DrainPause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Bytes of a read. Frames are found where they were received; one that goes on in the next read is joined. Between two
    /// reads with nothing in hand, a connection holds no buffer.
    /// </summary>
    public const int ReadSize = 16 * 1024;

    /// <summary>What is still taken when a stop runs out of time: of a sender that never pauses.</summary>
    private const long LargestRest = 1024 * 1024;

    private readonly Socket _socket;
    private readonly ListenerOptions _options;
    private readonly IngestContext _context;
    private readonly ListenerCounters _counters;
    private readonly IngestLane _lane;
    private readonly ServerTls? _tls;
    private readonly StreamTurn _turn;
    private readonly SenderAddress _sender;
    private readonly byte[] _senderName;
    private readonly TaskCompletionSource _outOfTime = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Owned by the reading loop.
    private FrameScanner _scanner;

    private PipeReader? _reader;
    private long _lastRead;
    private volatile bool _stopping;
    private volatile bool _drained;
    private volatile bool _waitsForRoom;

    public StreamConnection(
        Socket socket, ListenerOptions options, IngestContext context, ListenerCounters counters, IngestLane lane, ServerTls? tls)
    {
        _socket = socket;
        Peer = socket.RemoteEndPoint;
        _options = options;
        _context = context;
        _counters = counters;
        _lane = lane;
        _tls = tls;
        _turn = new StreamTurn(context.Rounds, socket.SafeHandle);
        _scanner = new FrameScanner(options.Framing, options.MaxMessageSize);
        _lastRead = context.Time.GetTimestamp();
        IPAddress? address = (Peer as IPEndPoint)?.Address;
        _sender = address is null ? default : SenderAddress.From(address);
        _senderName = address is null ? context.LocalName : Encoding.ASCII.GetBytes(_sender.ToIPAddress().ToString());
    }

    /// <summary>The peer's address and port, for the log.</summary>
    public EndPoint? Peer { get; }

    /// <summary>How long the peer has been silent. While we are the ones who do not read, it is not.</summary>
    public TimeSpan IdleFor => _waitsForRoom ? TimeSpan.Zero : _context.Time.GetElapsedTime(Volatile.Read(ref _lastRead));

    /// <summary>Ends the connection at once, with a reset: a peer that goes on writing must learn that nobody reads. Any thread.</summary>
    public void Cut()
    {
        _socket.Close(0);
        _turn.Interrupt();
    }

    /// <summary>Asks the loop to take what has already arrived, and then to end.</summary>
    public void Stop()
    {
        _stopping = true;
        if (Volatile.Read(ref _reader) is { } reader) CancelRead(reader);
    }

    /// <summary>
    /// The stop's time is over: the loop no longer waits for room, takes what has been received already, and ends. Cutting the
    /// connection here would lose what this host's kernel holds.
    /// </summary>
    public void GiveUp() => _outOfTime.TrySetResult();

    public async Task RunAsync(CancellationToken listenerStops)
    {
        using Socket socket = _socket;
        TurnStream network = new(socket, _turn);
        try
        {
            Stream? stream = _tls is null ? network : await HandshakeAsync(network, _tls, listenerStops).ConfigureAwait(false);
            if (stream is null) return;
            await using (stream.ConfigureAwait(false))
            {
                PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadSize, useZeroByteReads: true));
                await ReadAsync(reader).ConfigureAwait(false);
                await reader.CompleteAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.End();
        }
    }

    private async Task<SslStream?> HandshakeAsync(TurnStream network, ServerTls tls, CancellationToken listenerStops)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(listenerStops);
        deadline.CancelAfter(_options.Tls!.HandshakeTimeout);
        SslStream stream = new(network, leaveInnerStreamOpen: false);
        network.LeavesThread = true;
        try
        {
            await stream.AuthenticateAsServerAsync(tls.CurrentOptions(), deadline.Token).ConfigureAwait(false);
            network.LeavesThread = false;
            return stream;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            if (!listenerStops.IsCancellationRequested)
            {
                string reason = e is OperationCanceledException ? $"not finished within {_options.Tls.HandshakeTimeout.TotalSeconds:0.#} s" : Reason(e);
                _context.Log.HandshakeFailed(_options.Name, Peer, reason);
            }
            Cut();
            await stream.DisposeAsync().ConfigureAwait(false);
            return null;
        }
    }

    private async Task ReadAsync(PipeReader reader)
    {
        Volatile.Write(ref _reader, reader);
        using Timer drainTimer = new(_ => EndDrain(reader));
        long overTime = 0;
        try
        {
            while (true)
            {
                if (_context.BackPressure.Room is { IsCompleted: false } room) await WaitAsync(room).ConfigureAwait(false);
                if (_context.BackPressure.HighWater.Low is { IsCompleted: false } low) await WaitAsync(low).ConfigureAwait(false);
                if (_stopping) drainTimer.Change(DrainPause, Timeout.InfiniteTimeSpan);
                ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
                Volatile.Write(ref _lastRead, _context.Time.GetTimestamp());
                if (_outOfTime.Task.IsCompleted) overTime += result.Buffer.Length;
                bool ends = result.IsCompleted || MayEnd(result) || overTime > LargestRest;
                if (!Take(reader, result.Buffer, ends))
                {
                    _counters.AddFramingViolation();
                    _context.Log.FramingViolation(_options.Name, Peer, "no valid octet count where one must stand");
                    Cut();
                    return;
                }
                if (result.IsCompleted) return;
                if (ends) break;
            }

            // Everything was read: a reset instead of a FIN, into which HAProxy 3.x would write two more messages (HAPROXY.md 6).
            Cut();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException
            or AuthenticationException)
        {
            // Expected: the peer reset the connection, or we cut it. What had arrived before has been taken.
        }
        finally
        {
            Volatile.Write(ref _reader, null);
        }
    }

    /// <summary>
    /// We stop, and the kernel holds nothing more of this peer's: he was silent for a while, or time is up. That he has had no turn for
    /// a while is not his silence.
    /// </summary>
    private bool MayEnd(ReadResult result)
    {
        bool isDue = (result.IsCanceled && _drained) || _outOfTime.Task.IsCompleted;
        _drained = false;
        return isDue && _socket.Available == 0;
    }

    private async Task WaitAsync(Task room)
    {
        _waitsForRoom = true;
        await Task.WhenAny(room, _outOfTime.Task).ConfigureAwait(false);
        Volatile.Write(ref _lastRead, _context.Time.GetTimestamp());
        _waitsForRoom = false;
    }

    private void EndDrain(PipeReader reader)
    {
        _drained = true;
        CancelRead(reader);
    }

    private void CancelRead(PipeReader reader)
    {
        reader.CancelPendingRead();
        _turn.Interrupt();
    }

    /// <summary>
    /// Takes every complete frame of what was read and, when the stream <paramref name="ends"/>, what is left of the last one.
    /// False when the framing can no longer be followed.
    /// </summary>
    private bool Take(PipeReader reader, ReadOnlySequence<byte> buffer, bool ends)
    {
        _lane.BeginBatch();
        FrameStatus status;
        while ((status = _scanner.TryRead(ref buffer, out ReadOnlySequence<byte> frame, out bool truncated)) == FrameStatus.Frame)
            Accept(frame, truncated);
        if (ends && status == FrameStatus.NeedMore && _scanner.TryFinish(ref buffer, out ReadOnlySequence<byte> last, out bool cut))
            Accept(last, cut);
        _lane.EndBatch();
        _lane.Publish(_context.Rounds.Gathered);
        reader.AdvanceTo(buffer.Start, buffer.End);
        return status != FrameStatus.Violation;
    }

    /// <summary>A frame that was received in pieces is joined in a shared buffer first: an idle connection keeps none.</summary>
    private void Accept(in ReadOnlySequence<byte> frame, bool truncated)
    {
        if (frame.IsSingleSegment)
        {
            _lane.Accept(frame.FirstSpan, truncated, _senderName, _sender);
            return;
        }
        int length = (int)frame.Length;
        byte[] joined = ArrayPool<byte>.Shared.Rent(length);
        frame.CopyTo(joined);
        _lane.Accept(joined.AsSpan(0, length), truncated, _senderName, _sender);
        ArrayPool<byte>.Shared.Return(joined);
    }

    private static string Reason(Exception e) => e.InnerException is { } inner ? $"{e.Message} ({inner.Message})" : e.Message;
}
