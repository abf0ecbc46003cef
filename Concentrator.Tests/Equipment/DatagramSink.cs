using System.Net;
using System.Net.Sockets;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// The plainest possible receiver of datagrams, unix or UDP: a thread that reads and keeps. It stands where the server will
/// stand, to prove senders and to compare with.
/// </summary>
internal sealed class DatagramSink : IDisposable
{
    // 2.6 sends up to 65,536 bytes (docs/reference/haproxy.md, Length).
    private const int LargestDatagram = 65537;

    private readonly Lock _gate = new();
    private readonly List<byte[]> _datagrams = [];
    private readonly bool _keep;
    private readonly Socket _socket;
    private readonly string? _path;
    private readonly Thread _thread;

    private DatagramSink(Socket socket, string? path, bool keep)
    {
        _socket = socket;
        _path = path;
        _keep = keep;
        _thread = new Thread(Read) { IsBackground = true, Name = "datagram sink" };
        _thread.Start();
    }

    /// <summary>Account of the datagrams' <c>seq=N</c>.</summary>
    public SequenceLedger Sequence { get; } = new();

    /// <summary>UDP: where it listens.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Binds a unix datagram socket that anyone may send to. Raise max_dgram_qlen before.</summary>
    public static DatagramSink Unix(string path, bool keep = true)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
        return new DatagramSink(socket, path, keep);
    }

    /// <summary>Binds a free UDP port on 127.0.0.1.</summary>
    public static DatagramSink Udp(bool keep = true)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 8 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new DatagramSink(socket, null, keep);
    }

    /// <summary>Waits for at least that many datagrams and returns all there are, as received.</summary>
    public IReadOnlyList<byte[]> WaitFor(int count, TimeSpan? within = null)
    {
        Eventually.Holds(() => Sequence.Received >= count, $"{count} datagrams", within, Sequence.ToString);
        lock (_gate) return [.. _datagrams];
    }

    public void Dispose()
    {
        _socket.Dispose();
        _thread.Join(Deadline.Reaction);
        if (_path is not null) File.Delete(_path);
    }

    private void Read()
    {
        byte[] buffer = new byte[LargestDatagram];
        try
        {
            while (true)
            {
                int read = _socket.Receive(buffer);
                lock (_gate)
                {
                    if (_keep) _datagrams.Add(buffer[..read]);
                }
                Sequence.Record(buffer.AsSpan(0, read));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
