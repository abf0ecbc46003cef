using System.Net;
using System.Net.Sockets;

namespace Concentrator.Tests.Equipment;

/// <summary>A frame as the intake received it, and the number of the connection that brought it, counted from 1.</summary>
internal readonly record struct ReceivedFrame(int Connection, byte[] Bytes);

/// <summary>
/// An RFC 5425 receiver inside the test: strict about framing, precise about what it got, and able to misbehave in every way
/// that a real intake does. All switches may be turned at any time from any thread.
/// </summary>
internal sealed class TlsIntake : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ReceivedFrame> _frames = [];
    private readonly HashSet<IntakeConnection> _open = [];
    private readonly bool _keepFrames;
    private Socket? _listener;
    private TaskCompletionSource _reading = Running();
    private int _connections;
    private int _frameCount;
    private int _framingErrors;
    private int _handshakeFailures;
    private int _resetAfter;
    private int _resetsLeft;

    /// <param name="certificate">What it presents; null for plain TCP.</param>
    /// <param name="keepFrames">False: frames only reach <see cref="OnFrame"/> and the <see cref="Sequence"/> ledger.</param>
    /// <param name="receiveBuffer">SO_RCVBUF of each connection; small to make a stall felt at once. Null: the kernel's.</param>
    public TlsIntake(IssuedCertificate? certificate, bool keepFrames = true, int? receiveBuffer = null)
    {
        Certificate = certificate;
        ReceiveBuffer = receiveBuffer;
        _keepFrames = keepFrames;
        Port = FreePort.Next();
        Listen();
    }

    public int Port { get; }

    public int? ReceiveBuffer { get; }

    /// <summary>Presented from the next connection on; null for plain TCP.</summary>
    public IssuedCertificate? Certificate { get; set; }

    /// <summary>From the next connection on, a client certificate signed by this authority is required.</summary>
    public CertificateAuthority? RequireClientFrom { get; set; }

    /// <summary>From the next connection on: accept, then say and read nothing, so that the hand-shake hangs.</summary>
    public bool IgnoreHandshake { get; set; }

    /// <summary>From the next connection on: some bytes that are no TLS in answer to the first that come, then a close.</summary>
    public bool AnswerWithGarbage { get; set; }

    /// <summary>Called for every frame, in order within a connection; the span is valid during the call.</summary>
    public Action<int, ReadOnlySpan<byte>>? OnFrame { get; set; }

    /// <summary>Account of the frames' <c>seq=N</c>.</summary>
    public SequenceLedger Sequence { get; } = new();

    /// <summary>Connections accepted so far, failed hand-shakes included.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public int FrameCount => Volatile.Read(ref _frameCount);

    /// <summary>Streams that broke RFC 5425's framing, and streams that ended orderly within a frame.</summary>
    public int FramingErrors => Volatile.Read(ref _framingErrors);

    public int HandshakeFailures => Volatile.Read(ref _handshakeFailures);

    /// <summary>The server name (SNI) of the latest hand-shake.</summary>
    public string? LastServerName { get; internal set; }

    /// <summary>Subject of the latest client certificate.</summary>
    public string? LastClient { get; internal set; }

    /// <summary>Connections open at this moment.</summary>
    public int OpenConnections
    {
        get { lock (_gate) return _open.Count; }
    }

    /// <summary>What was received so far, in order of arrival.</summary>
    public IReadOnlyList<ReceivedFrame> Frames()
    {
        lock (_gate) return [.. _frames];
    }

    /// <summary>Waits for at least that many frames and returns all there are.</summary>
    public IReadOnlyList<ReceivedFrame> WaitForFrames(int count, TimeSpan? within = null)
    {
        Eventually.Holds(() => FrameCount >= count, $"{count} frames at the intake", within, ToString);
        return Frames();
    }

    /// <summary>Listens (again) on the same port.</summary>
    public void Listen()
    {
        Socket listener = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        if (ReceiveBuffer is int size) listener.ReceiveBufferSize = size;
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        listener.Listen(1024);
        lock (_gate) _listener = listener;
        _ = AcceptAsync(listener);
    }

    /// <summary>Stops listening and resets every connection: the peer is refused until <see cref="Listen"/>.</summary>
    public void Refuse()
    {
        Socket? listener;
        lock (_gate)
        {
            listener = _listener;
            _listener = null;
        }
        listener?.Dispose();
        ResetAll();
    }

    /// <summary>The next connections are reset (SO_LINGER 0) right after that many frames of theirs.</summary>
    public void ResetAfter(int frames, int connections = 1)
    {
        lock (_gate)
        {
            _resetAfter = frames;
            _resetsLeft = connections;
        }
    }

    /// <summary>Resets every open connection now.</summary>
    public void ResetAll()
    {
        foreach (IntakeConnection connection in Open()) connection.Reset();
    }

    /// <summary>Ends every open connection in that way.</summary>
    public void CloseAll(IntakeClose how = IntakeClose.OwnDirection)
    {
        foreach (IntakeConnection connection in Open()) connection.Close(how);
    }

    /// <summary>
    /// From now on the kernel throws away whatever comes over the open connections, before TCP sees it: nothing is acknowledged,
    /// as if the host were gone. New connections are not touched.
    /// </summary>
    public void FreezeAll()
    {
        foreach (IntakeConnection connection in Open()) connection.Freeze();
    }

    /// <summary>Sends bytes that are no TLS record into every open connection, under the encryption.</summary>
    public void SendGarbage()
    {
        foreach (IntakeConnection connection in Open()) connection.SendGarbage();
    }

    /// <summary>Says that many bytes on every open connection, properly encrypted: a syslog receiver has nothing to say.</summary>
    public void Talk(int bytes)
    {
        foreach (IntakeConnection connection in Open()) connection.Talk(bytes);
    }

    /// <summary>Stops reading: at most one buffer a connection is still taken from the kernel, and no frame is counted.</summary>
    public void Stall()
    {
        lock (_gate)
        {
            if (_reading.Task.IsCompleted) _reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Resume()
    {
        lock (_gate) _reading.TrySetResult();
    }

    public override string ToString() =>
        $"{FrameCount} frames over {Connections} connections, {FramingErrors} framing errors, {HandshakeFailures} failed hand-shakes";

    public void Dispose()
    {
        Refuse();
        Resume();
    }

    internal Task WhileStalled()
    {
        lock (_gate) return _reading.Task;
    }

    /// <summary>One frame; false when the connection shall now be reset.</summary>
    internal bool Accept(int connection, int ordinal, ReadOnlySpan<byte> frame)
    {
        bool goOn = true;
        lock (_gate)
        {
            if (_keepFrames) _frames.Add(new ReceivedFrame(connection, frame.ToArray()));
            if (_resetsLeft > 0 && ordinal >= _resetAfter)
            {
                _resetsLeft--;
                goOn = false;
            }
        }
        OnFrame?.Invoke(connection, frame);
        Sequence.Record(frame);
        Interlocked.Increment(ref _frameCount);
        return goOn;
    }

    internal void AddFramingError() => Interlocked.Increment(ref _framingErrors);

    internal void AddHandshakeFailure() => Interlocked.Increment(ref _handshakeFailures);

    internal void Ended(IntakeConnection connection)
    {
        lock (_gate) _open.Remove(connection);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync();
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                return;
            }
            IntakeConnection connection = new(this, socket, Interlocked.Increment(ref _connections));
            lock (_gate) _open.Add(connection);
            _ = connection.RunAsync();
        }
    }

    private IntakeConnection[] Open()
    {
        lock (_gate) return [.. _open];
    }

    private static TaskCompletionSource Running()
    {
        TaskCompletionSource source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }
}
