using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Tests.Equipment;

/// <summary>A frame as the intake received it, and the number of the connection that brought it, counted from 1.</summary>
internal readonly record struct ReceivedFrame(int Connection, byte[] Bytes);

/// <summary>How an intake ends a connection that works.</summary>
internal enum IntakeClose
{
    /// <summary>close_notify and FIN, then everything is read until the peer closes too.</summary>
    OwnDirection,

    /// <summary>close_notify alone, then everything is read until the peer closes too: over plain TCP this does nothing.</summary>
    CloseNotify,

    /// <summary>
    /// close(2) at a moment when everything that has come is read, without a word before: what a program does that is told to
    /// stop. What is on its way then meets a closed socket, which resets.
    /// </summary>
    WhenAllIsRead,

    /// <summary>FIN, then close(2) at once; over unread data, when the intake is stalled.</summary>
    OverUnreadData,
}

/// <summary>
/// An RFC 5425 receiver inside the test: strict about framing, precise about what it got, and able to misbehave in every way
/// that a real intake does. All switches may be turned at any time from any thread.
/// </summary>
internal sealed class TlsIntake : FrameIntake
{
    // <asm-generic/socket.h>
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;

    private readonly Lock _gate = new();
    private readonly List<ReceivedFrame> _frames = [];
    private readonly HashSet<IntakeConnection> _toClose = [];
    private readonly ManualResetEventSlim _reading = new(true);
    private readonly bool _keepFrames;
    private int _frameCount;
    private int _resetAfter;
    private int _resetsLeft;

    /// <param name="certificate">What it presents; null for plain TCP.</param>
    /// <param name="keepFrames">False: frames only reach <see cref="OnFrame"/> and the <see cref="Sequence"/> ledger.</param>
    /// <param name="receiveBuffer">SO_RCVBUF of each connection; small to make a stall felt at once. Null: the kernel's.</param>
    public TlsIntake(IssuedCertificate? certificate, bool keepFrames = true, int? receiveBuffer = null)
        : base(new IPEndPoint(IPAddress.IPv6Any, 0), certificate, receiveBuffer)
    {
        _keepFrames = keepFrames;
        MostAtOnce = 65_536;
        Listen();
    }

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

    public int FrameCount => Volatile.Read(ref _frameCount);

    /// <summary>Streams that broke RFC 5425's framing, and streams that ended orderly within a frame.</summary>
    public int FramingErrors => Violations + Unfinished;

    /// <summary>The server name (SNI) of the latest hand-shake.</summary>
    public string? LastServerName { get; private set; }

    /// <summary>Subject of the latest client certificate.</summary>
    public string? LastClient { get; private set; }

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

    /// <summary>The next connections are reset (SO_LINGER 0) right after that many frames of theirs.</summary>
    public void ResetAfter(int frames, int connections = 1)
    {
        lock (_gate)
        {
            _resetAfter = frames;
            _resetsLeft = connections;
        }
    }

    /// <summary>Ends every open connection in that way, once; the peer's close ends the reading.</summary>
    public void CloseAll(IntakeClose how = IntakeClose.OwnDirection)
    {
        foreach (IntakeConnection connection in OpenConnections.Where(static one => !one.IsEnded))
        {
            connection.IsEnded = true;
            switch (how)
            {
                case IntakeClose.OwnDirection:
                    connection.Finish();
                    break;
                case IntakeClose.WhenAllIsRead:
                    // By the reading loop: disposing under a pending read would make .NET disconnect the socket first.
                    lock (_gate) _toClose.Add(connection);
                    break;
                default:
                    WhileItLasts(() => Close(connection, how));
                    break;
            }
        }
    }

    /// <summary>
    /// From now on the kernel throws away whatever comes over the open connections, before TCP sees it: nothing is acknowledged,
    /// as if the host were gone. New connections are not touched.
    /// </summary>
    public void FreezeAll()
    {
        foreach (IntakeConnection connection in OpenConnections) Freeze(connection.Socket);
    }

    /// <summary>Sends bytes that are no TLS record into every open connection, under the encryption.</summary>
    public void SendGarbage()
    {
        foreach (IntakeConnection connection in OpenConnections) SendGarbage(connection.Socket);
    }

    /// <summary>Says that many bytes on every open connection, properly encrypted: a syslog receiver has nothing to say.</summary>
    public void Talk(int bytes)
    {
        foreach (IntakeConnection connection in OpenConnections) connection.Tls!.Write(new byte[bytes]);
    }

    /// <summary>Stops reading: at most one buffer a connection is still taken from the kernel, and no frame is counted.</summary>
    public void Stall() => _reading.Reset();

    public void Resume() => _reading.Set();

    public override string ToString() =>
        $"{FrameCount} frames over {Connections} connections, {FramingErrors} framing errors, {HandshakeFailures} failed hand-shakes";

    public override void Dispose()
    {
        Refuse();
        Resume();
        base.Dispose();
    }

    protected override SslServerAuthenticationOptions Ask(IssuedCertificate certificate)
    {
        SslServerAuthenticationOptions options = base.Ask(certificate);
        options.ClientCertificateRequired = RequireClientFrom is not null;
        options.CertificateChainPolicy = RequireClientFrom?.Trust();
        return options;
    }

    protected override void Serve(IntakeConnection connection)
    {
        if (IgnoreHandshake)
        {
            // Leaves every byte in the kernel; only the end of the connection is noticed.
            while (connection.Socket.Receive(new byte[1], SocketFlags.Peek) > 0) Thread.Sleep(20);
            return;
        }
        if (AnswerWithGarbage)
        {
            connection.Socket.Receive(new byte[1024]);
            SendGarbage(connection.Socket);
            return;
        }
        bool isOpen = TryOpen(connection);
        LastServerName = connection.RequestedName ?? LastServerName;
        if (!isOpen) return;
        if (connection.Tls?.RemoteCertificate is X509Certificate client) LastClient = client.Subject;
        ReadFrames(connection);
    }

    protected override bool Take(IntakeConnection connection, FrameBuffer received)
    {
        _reading.Wait();
        while (received.TryTakeFrame(out ReadOnlySpan<byte> frame))
        {
            if (!Take(connection.Number, received.Taken, frame)) return false;
        }
        lock (_gate)
        {
            if (!_toClose.Contains(connection) || connection.Socket.Available > 0) return true;
        }
        connection.Socket.Dispose();
        return false;
    }

    /// <summary>One frame; false when the connection shall now be reset.</summary>
    private bool Take(int connection, long ordinal, ReadOnlySpan<byte> frame)
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

    private static void Close(IntakeConnection connection, IntakeClose how)
    {
        if (how == IntakeClose.CloseNotify)
        {
            connection.SayGoodbye();
            return;
        }
        connection.Socket.Shutdown(SocketShutdown.Send);
        connection.Socket.Dispose();
    }

    /// <summary>A socket filter that passes nothing: TCP sees no segment of the peer's any more, and so acknowledges none.</summary>
    private static void Freeze(Socket socket)
    {
        // One instruction, "return 0 bytes", and the length-and-pointer pair by which the kernel finds it.
        byte[] program = [0x06, 0, 0, 0, 0, 0, 0, 0];
        GCHandle pinned = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            byte[] reference = new byte[16];
            reference[0] = 1;
            BitConverter.TryWriteBytes(reference.AsSpan(8), pinned.AddrOfPinnedObject());
            socket.SetRawSocketOption(SocketLevel, AttachFilter, reference);
        }
        finally
        {
            pinned.Free();
        }
    }

    /// <summary>Under the encryption, where a TLS record should begin.</summary>
    private static void SendGarbage(Socket socket)
    {
        byte[] garbage = new byte[4096];
        Array.Fill(garbage, (byte)'!');
        WhileItLasts(() => socket.Send(garbage));
    }

    private static void WhileItLasts(Action action)
    {
        try
        {
            action();
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or AggregateException)
        {
            // The connection has ended by itself in this moment.
        }
    }
}
