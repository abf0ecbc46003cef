using System.Net.Sockets;

namespace Concentrator.Taps;

/// <summary>The socket of a tap's client, which it owns. One thread; <see cref="IsStopping"/> may be set by any.</summary>
internal sealed class TapPeer : IDisposable
{
    /// <summary>How long a client may read nothing: someone pages through the output, and meanwhile messages are passed over.</summary>
    public static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(60);

    /// <summary>How soon a stop is noticed while the client reads nothing.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private volatile bool _isStopping;

    public TapPeer(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        _socket.Blocking = false;
    }

    /// <summary>Whether the server stops: a client that reads nothing is then not waited for.</summary>
    public bool IsStopping
    {
        get => _isStopping;
        set => _isStopping = value;
    }

    /// <summary>Sends all lines, and clears them.</summary>
    /// <exception cref="IOException">The client reads nothing.</exception>
    /// <exception cref="SocketException">It has gone away.</exception>
    public void Send(TapLines lines)
    {
        ReadOnlySpan<byte> rest = lines.Written;
        long progressAt = _time.GetTimestamp();
        while (!rest.IsEmpty)
        {
            int sent = _socket.Send(rest, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success)
            {
                rest = rest[sent..];
                progressAt = _time.GetTimestamp();
                continue;
            }
            if (error != SocketError.WouldBlock) throw new SocketException((int)error);
            bool hasRoom = _socket.Poll(Moment, SelectMode.SelectWrite);
            if (!hasRoom && (IsStopping || _time.GetElapsedTime(progressAt) > SendLimit)) throw new IOException("the client of a tap does not read");
        }
        lines.Clear();
    }

    /// <summary>
    /// Waits for that time, or until the client ends the tap: by ending its direction, or by whatever it says after its request.
    /// </summary>
    /// <exception cref="SocketException">It has gone away.</exception>
    public bool HasEnded(TimeSpan within)
    {
        if (!_socket.Poll(within, SelectMode.SelectRead)) return false;
        Span<byte> ignored = stackalloc byte[256];
        _socket.Receive(ignored, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => true,
            SocketError.WouldBlock => false,
            _ => throw new SocketException((int)error),
        };
    }

    public void Dispose() => _socket.Dispose();
}
