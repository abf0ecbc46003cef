using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Routing;
using Concentrator.Telemetry.Log;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// Step 1 of the journey for streams: one connection, read until its peer closes it, it violates the framing, it is cut, or the server
/// stops. What it reads is parsed at once (<see cref="StreamFrames"/>); it waits only for back-pressure.
/// </summary>
internal sealed class StreamConnection(
    Socket socket, ListenerOptions options, IngestContext context, StreamContext streams, ListenerCounters counters, IngestLane lane,
    ServerTls? tls, SenderFaults faults)
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

    private readonly PolledSocket _polled = new(streams.EventLoop, socket.SafeHandle);
    private readonly StreamFrames _frames = new(
        socket, options, context.Host, lane, faults, socket.RemoteEndPoint, SenderAddress.Of(socket.RemoteEndPoint));
    private readonly TaskCompletionSource _outOfTime = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long _heldBefore;
    private PipeReader? _reader;
    private long _lastRead = context.Time.GetTimestamp();
    private volatile bool _stopping;
    private volatile bool _drained;
    private volatile bool _waitsForRoom;
    private volatile bool _hasSpoken;
    private int _cuts;

    /// <summary>The name of the listener that accepted it.</summary>
    public string Listener => options.Name;

    /// <summary>The peer's address and port, for the log.</summary>
    public EndPoint? Peer { get; } = socket.RemoteEndPoint;

    /// <summary>The peer's address; unknown at a unix socket.</summary>
    public SenderAddress Sender { get; } = SenderAddress.Of(socket.RemoteEndPoint);

    /// <summary>Whether any byte of a message has arrived.</summary>
    public bool HasSpoken => _hasSpoken;

    /// <summary>Owned by the memory and guarded by its lock: bytes of the buffers that an unfinished message occupies.</summary>
    public long Held { get; set; }

    /// <summary>Owned by the memory and guarded by its lock: grows with the time at which the message began to occupy memory.</summary>
    public long HeldSince { get; set; }

    /// <summary>Owned by the memory and guarded by its lock: whether the connection was cut to free memory.</summary>
    public bool GivesBack { get; set; }

    /// <summary>How long the peer has been silent.</summary>
    public TimeSpan IdleFor => context.Time.GetElapsedTime(SilentSince);

    /// <summary>Timestamp since when the peer has been silent. A peer that the server does not read from is not silent.</summary>
    public long SilentSince => _waitsForRoom ? context.Time.GetTimestamp() : Volatile.Read(ref _lastRead);

    /// <summary>
    /// Ends the connection at once with a reset, so that a peer that keeps writing learns that nobody reads. Its unfinished message is
    /// delivered. Any thread may call; the first reason is counted.
    /// </summary>
    public void Cut(ConnectionCutReason reason)
    {
        if (Interlocked.Exchange(ref _cuts, 1) == 0) counters.AddCutConnection(reason);
        Cut();
    }

    private void Cut()
    {
        socket.Close(0);
        _polled.Interrupt();
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
        using Socket owned = socket;
        PolledSocketStream network = new(socket, _polled);
        try
        {
            Stream? stream = network;
            if (tls is not null)
            {
                ServerHandshake handshake = new(options, tls, Peer, context.Log) { IsCut = () => _cuts != 0 };
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
            streams.Memory.Hold(this, 0);
            _polled.End();
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
                if (context.WhenFullBarrier.Room is { IsCompleted: false } room) await WaitAsync(room).ConfigureAwait(false);
                if (context.WhenFullBarrier.StreamReadPause.Low is { IsCompleted: false } low) await WaitAsync(low).ConfigureAwait(false);
                if (_stopping) drainTimer.Change(DrainPause, Timeout.InfiniteTimeSpan);
                ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
                Volatile.Write(ref _lastRead, context.Time.GetTimestamp());
                if (!_hasSpoken && !result.Buffer.IsEmpty)
                {
                    _hasSpoken = true;
                    faults.Hear(Sender, Peer, result.Buffer.FirstSpan);
                }
                if (_outOfTime.Task.IsCompleted) overTime += result.Buffer.Length;
                bool ends = result.IsCompleted || MayEnd(result) || overTime > LargestRest;
                if (!Take(reader, result.Buffer, ends, isBroken: ends && !result.IsCompleted))
                {
                    counters.AddFramingViolation();
                    context.Log.FramingViolation(options.Name, Peer, "a valid octet count is missing where one is required");
                    Cut();
                    return;
                }
                if (result.IsCompleted)
                {
                    // The peer closed first and gets our FIN: only a connection that is open when the server dies is reset.
                    if (!options.Address.IsUnix) socket.LingerState = new LingerOption(false, 0);
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
    /// connection that merely was not read for a while is not silent.
    /// </summary>
    private bool MayEnd(ReadResult result)
    {
        bool isDue = (result.IsCanceled && _drained) || _outOfTime.Task.IsCompleted;
        _drained = false;
        return isDue && socket.Available == 0;
    }

    private async Task WaitAsync(Task room)
    {
        _waitsForRoom = true;
        await Task.WhenAny(room, _outOfTime.Task).ConfigureAwait(false);
        Volatile.Write(ref _lastRead, context.Time.GetTimestamp());
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
        _polled.Interrupt();
    }

    /// <summary>As <see cref="StreamFrames.Take"/>, and accounts for the memory of what is left.</summary>
    private bool Take(PipeReader reader, ReadOnlySequence<byte> buffer, bool ends, bool isBroken)
    {
        bool isFollowed = _frames.Take(ref buffer, ends, isBroken, streams.EventLoop.Gathered);
        reader.AdvanceTo(buffer.Start, buffer.End);
        long held = (buffer.Length + ReadSize - 1) / ReadSize * ReadSize;
        if (held != _heldBefore) streams.Memory.Hold(this, held);
        _heldBefore = held;
        return isFollowed;
    }
}
