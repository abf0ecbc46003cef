using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Native;

namespace Concentrator.Tools.Rehearsal;

/// <summary>
/// A unix or UDP datagram socket, unconnected as HAProxy's (docs/reference/haproxy.md, Datagrams): one <c>sendmsg</c> for each datagram,
/// with its destination. One thread; its counters may be read from any.
/// </summary>
internal sealed class DatagramSender : MessageSender
{
    private const int NoSignal = 0x4000;

    private readonly byte[] _destination;
    private readonly int _flags;
    private long _sent;
    private long _dropped;
    private long _failed;

    /// <param name="to">A unix socket's path or abstract name, or a UDP address.</param>
    /// <param name="waits">
    /// Whether to wait where the receiver's queue is full, which loses nothing. HAProxy does not; then nobody has to be there yet.
    /// </param>
    /// <param name="sendBuffer">SO_SNDBUF in bytes; null for the kernel's default, as HAProxy before 2.9 has it.</param>
    /// <exception cref="SocketException">Nobody reads the unix socket, and it was to wait for its reader.</exception>
    public DatagramSender(EndPoint to, bool waits = true, int? sendBuffer = null)
    {
        SocketAddress address = to.Serialize();
        _destination = address.Buffer.Span[..address.Size].ToArray();
        _flags = NoSignal | (waits ? 0 : DatagramCalls.DontWait);

        // Both address families have a single protocol for datagrams.
        Socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            Socket.SendTimeout = (int)Patience.TotalMilliseconds;
            if (sendBuffer is int size) Socket.SendBufferSize = size;
            if (waits && to is UnixDomainSocketEndPoint) FindReader(to);
        }
        catch (SocketException)
        {
            Socket.Dispose();
            throw;
        }
    }

    public Socket Socket { get; }

    /// <summary>The destination, as the kernel takes it.</summary>
    public ReadOnlySpan<byte> Destination => _destination;

    /// <summary>The flags of each call.</summary>
    public int Flags => _flags;

    /// <summary>Datagrams that the kernel accepted.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Datagrams lost because the queue was full (EAGAIN): what HAProxy counts as DroppedLogs.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Datagrams lost for another reason (no socket, nobody behind it, not permitted, too long). HAProxy does not count these.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Sends, or counts as lost. Does not allocate.</summary>
    public bool TrySend(ReadOnlySpan<byte> datagram)
    {
        int sent;
        do
        {
            sent = DatagramCalls.Send(Socket.SafeHandle, datagram, _destination, _flags) < 0 ? -1 : 1;
        }
        while (!TryCount(sent));
        return sent > 0;
    }

    /// <summary>Counts a call's result: so many datagrams sent, or one lost. False if a signal interrupted it.</summary>
    /// <param name="sent">-1 with the error in <see cref="Marshal.GetLastPInvokeError"/>.</param>
    public bool TryCount(int sent)
    {
        if (sent >= 0) Interlocked.Add(ref _sent, sent);
        else if (Marshal.GetLastPInvokeError() == FileCalls.Interrupted) return false;
        else if (Marshal.GetLastPInvokeError() == DatagramCalls.TryAgain) Interlocked.Increment(ref _dropped);
        else Interlocked.Increment(ref _failed);
        return true;
    }

    public override void Send(ReadOnlySpan<byte> message)
    {
        if (!TrySend(message)) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Does nothing: an accepted datagram is in flight or delivered.</summary>
    public override void Finish()
    {
    }

    public override void Dispose() => Socket.Dispose();

    private static void FindReader(EndPoint to)
    {
        using Socket probe = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        probe.Connect(to);
    }
}
