using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Messages.FrameScanning;
using Concentrator.Native;
using Concentrator.Routing;
using Concentrator.Telemetry.Log;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// Steps 1 and 2 of the journey for streams: one connection, read until its peer closes it, it violates the framing, it is cut, or the
/// server stops. Parsing runs on the connection's own continuation; it waits only for back-pressure.
/// </summary>
internal sealed class StreamConnection
{
    /// <summary>At a stop, a connection that is silent for this long has nothing more in flight from this host's kernel.</summary>
    private static readonly TimeSpan DrainPause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Bytes of a read. Frames are parsed where they were received; one that continues in the next read is joined. While it waits
    /// with nothing unfinished, a connection holds no buffer.
    /// </summary>
    public const int ReadSize = 16 * 1024;

    /// <summary>Bytes still taken from a sender that never pauses, after a stop has run out of time.</summary>
    private const long LargestRest = 1024 * 1024;

    private readonly Socket _socket;
    private readonly ListenerOptions _options;
    private readonly IngestContext _context;
    private readonly StreamContext _streams;
    private readonly ListenerCounters _counters;
    private readonly IngestLane _lane;
    private readonly ServerTls? _tls;
    private readonly SenderFaults _faults;
    private readonly StreamTurn _turn;
    private readonly SenderAddress _sender;
    private readonly byte[]? _senderAddress;
    private readonly TaskCompletionSource _outOfTime = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Owned by the reading loop.
    private FrameScanner _scanner;

    private long _heldBefore;
    private PipeReader? _reader;
    private long _lastRead;
    private volatile bool _stopping;
    private volatile bool _drained;
    private volatile bool _waitsForRoom;
    private volatile bool _hasSpoken;
    private int _cuts;

    public StreamConnection(
        Socket socket, ListenerOptions options, IngestContext context, StreamContext streams, ListenerCounters counters, IngestLane lane,
        ServerTls? tls, SenderFaults faults)
    {
        _socket = socket;
        Peer = socket.RemoteEndPoint;
        _options = options;
        _context = context;
        _streams = streams;
        _counters = counters;
        _lane = lane;
        _tls = tls;
        _faults = faults;
        _turn = new StreamTurn(streams.Rounds, socket.SafeHandle);
        _scanner = new FrameScanner(options.Framing, options.MaxMessageSize);
        _lastRead = context.Time.GetTimestamp();
        IPAddress? address = (Peer as IPEndPoint)?.Address;
        _sender = address is null ? default : SenderAddress.From(address);
        _senderAddress = address is null ? null : SenderNames.AddressOf(_sender.ToIPAddress());
    }

    /// <summary>Replaces a missing host name.</summary>
    private byte[] SenderName => _senderAddress ?? _context.Host.Bytes;

    /// <summary>The name of the listener that accepted it.</summary>
    public string Listener => _options.Name;

    /// <summary>The peer's address and port, for the log.</summary>
    public EndPoint? Peer { get; }

    /// <summary>The peer's address; unknown at a unix socket.</summary>
    public SenderAddress Sender => _sender;

    /// <summary>Whether any byte of a message has arrived.</summary>
    public bool HasSpoken => _hasSpoken;

    /// <summary>Owned by the memory and guarded by its lock: bytes of the buffers that an unfinished message occupies.</summary>
    public long Held { get; set; }

    /// <summary>Owned by the memory and guarded by its lock: grows with the time at which the message began to occupy memory.</summary>
    public long HeldSince { get; set; }

    /// <summary>Owned by the memory and guarded by its lock: whether the connection was cut to free memory.</summary>
    public bool GivesBack { get; set; }

    /// <summary>How long the peer has been silent.</summary>
    public TimeSpan IdleFor => _context.Time.GetElapsedTime(SilentSince);

    /// <summary>Timestamp since when the peer has been silent. A peer that the server does not read from is not silent.</summary>
    public long SilentSince => _waitsForRoom ? _context.Time.GetTimestamp() : Volatile.Read(ref _lastRead);

    /// <summary>
    /// Ends the connection at once with a reset, so that a peer that keeps writing learns that nobody reads. Its unfinished message is
    /// delivered. Any thread may call; the first reason is counted.
    /// </summary>
    public void Cut(CutReason reason)
    {
        if (Interlocked.Exchange(ref _cuts, 1) == 0) _counters.AddCutConnection(reason);
        Cut();
    }

    private void Cut()
    {
        _socket.Close(0);
        _turn.Interrupt();
    }

    /// <summary>Asks the loop to take what has already arrived and then to end.</summary>
    public void Stop()
    {
        _stopping = true;
        if (Volatile.Read(ref _reader) is { } reader) CancelRead(reader);
    }

    /// <summary>
    /// Called when the stop runs out of time: the loop no longer waits for room, takes what has already arrived, and ends. Cutting the
    /// connection here would lose what this host's kernel holds.
    /// </summary>
    public void GiveUp() => _outOfTime.TrySetResult();

    public async Task RunAsync(CancellationToken listenerStops)
    {
        using Socket socket = _socket;
        PolledSocketStream network = new(socket, _turn);
        try
        {
            Stream? stream = network;
            if (_tls is not null)
            {
                ServerHandshake handshake = new(_options, _tls, Peer, _context.Log) { IsCut = () => _cuts != 0 };
                stream = await handshake.RunAsync(network, listenerStops).ConfigureAwait(false);
            }
            if (stream is null)
            {
                Cut();
                return;
            }
            await using (stream.ConfigureAwait(false))
            {
                PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadSize, useZeroByteReads: true));
                await ReadAsync(reader).ConfigureAwait(false);
                await reader.CompleteAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _streams.Memory.Hold(this, 0);
            _turn.End();
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
                if (_context.BackPressure.StreamThrottle.Low is { IsCompleted: false } low) await WaitAsync(low).ConfigureAwait(false);
                if (_stopping) drainTimer.Change(DrainPause, Timeout.InfiniteTimeSpan);
                ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
                Volatile.Write(ref _lastRead, _context.Time.GetTimestamp());
                if (!_hasSpoken && !result.Buffer.IsEmpty)
                {
                    _hasSpoken = true;
                    _faults.Hear(_sender, Peer, result.Buffer.FirstSpan);
                }
                if (_outOfTime.Task.IsCompleted) overTime += result.Buffer.Length;
                bool ends = result.IsCompleted || MayEnd(result) || overTime > LargestRest;
                if (!Take(reader, result.Buffer, ends, isBroken: ends && !result.IsCompleted))
                {
                    _counters.AddFramingViolation();
                    _context.Log.FramingViolation(_options.Name, Peer, "a valid octet count is missing where one is required");
                    Cut();
                    return;
                }
                if (result.IsCompleted)
                {
                    // The peer closed first and gets our FIN: only a connection that is open when the server dies is reset.
                    if (!_options.Address.IsUnix) _socket.LingerState = new LingerOption(false, 0);
                    return;
                }
                if (ends) break;
            }

            // Everything was read: a reset instead of a FIN, after which HAProxy 3.x would write two more messages.
            Cut();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException
            or AuthenticationException)
        {
            // Expected: the peer reset the connection, or it was cut here. Everything before was taken, except an unfinished message.
            TakeRest(reader);
        }
        finally
        {
            Volatile.Write(ref _reader, null);
        }
    }

    /// <summary>Takes what the reader still holds after a read that failed.</summary>
    private void TakeRest(PipeReader reader)
    {
        // All of it was examined: without a cancelled read, the reader would not return it again.
        reader.CancelPendingRead();
        if (reader.TryRead(out ReadResult rest)) Take(reader, rest.Buffer, ends: true, isBroken: true);
    }

    /// <summary>
    /// Whether a stopping connection may end: its peer was silent for a while, or time is up, and the kernel holds nothing more from it. A
    /// connection that merely had no turn for a while is not silent.
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
    /// Takes every complete frame of what was read and, when the stream <paramref name="ends"/>, the rest of the last one, marked as cut if
    /// the sender did not end it. False when the framing can no longer be followed.
    /// </summary>
    private bool Take(PipeReader reader, ReadOnlySequence<byte> buffer, bool ends, bool isBroken)
    {
        _lane.BeginBatch();
        FrameStatus status;
        while (true)
        {
            status = _scanner.TryRead(ref buffer, out ReadOnlySequence<byte> frame, out FrameParts parts);
            if (status == FrameStatus.Frame) Accept(frame, parts);
            else if (status == FrameStatus.NeedMore && _scanner.IsHolding && (ends || IsPause())) _scanner.Pause();
            else break;
        }
        if (ends && status == FrameStatus.NeedMore)
        {
            while (_scanner.TryFinish(ref buffer, out ReadOnlySequence<byte> last, out FrameParts parts))
                Accept(last, isBroken ? parts | FrameParts.Cut : parts);
        }
        _lane.EndBatch();
        CrashPoint.Reach("stream queued");
        _lane.Publish(_streams.Rounds.Gathered);
        reader.AdvanceTo(buffer.Start, buffer.End);
        long held = (buffer.Length + ReadSize - 1) / ReadSize * ReadSize;
        if (held != _heldBefore) _streams.Memory.Hold(this, held);
        _heldBefore = held;
        return status != FrameStatus.Violation;
    }

    /// <summary>Whether the kernel holds nothing more from this sender. Over TLS the stream may still hold a record or two.</summary>
    private bool IsPause()
    {
        try
        {
            return _socket.Available == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was cut meanwhile; the next read reports that.
            return true;
        }
    }

    /// <summary>Accepts a frame. One received in pieces is first joined in a pooled buffer, so an idle connection keeps none.</summary>
    private void Accept(in ReadOnlySequence<byte> frame, FrameParts parts)
    {
        bool truncated = parts.HasFlag(FrameParts.Cut), isContinued = parts.HasFlag(FrameParts.Continued);
        if (_scanner.HasNoSeparator && (truncated || PriMarks.AreWithin(frame.FirstSpan))) _faults.SayNoSeparator(_sender, Peer);
        if (frame.IsSingleSegment)
        {
            _lane.Accept(frame.FirstSpan, truncated, SenderName, _sender, isContinued);
            return;
        }
        int length = (int)frame.Length;
        byte[] joined = ArrayPool<byte>.Shared.Rent(length);
        frame.CopyTo(joined);
        _lane.Accept(joined.AsSpan(0, length), truncated, SenderName, _sender, isContinued);
        ArrayPool<byte>.Shared.Return(joined);
    }
}
