using System.Net;
using System.Net.Sockets;
using System.Text;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Haproxy;

/// <summary>One HTTP/1.1 connection. Sends stamped requests, and counts answers without a body. Not thread-safe.</summary>
internal sealed class KeepAliveConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly byte[] _request = Encoding.ASCII.GetBytes(
        $"GET /{new string('0', SendStamp.Length)}?from=bench HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: Concentrator.Bench\r\n\r\n");

    private readonly byte[] _answers = new byte[64 * 1024];
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        SendTimeout = (int)Patience.TotalMilliseconds,
        ReceiveTimeout = (int)Patience.TotalMilliseconds,
    };

    private int _length;
    private long _unanswered;

    /// <exception cref="SocketException">Nothing listens there.</exception>
    public KeepAliveConnection(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>Reads the answers that have arrived, then sends one request without waiting for outstanding answers.</summary>
    /// <exception cref="SocketException">The connection has ended.</exception>
    /// <exception cref="UnusableException">An answer is not 200.</exception>
    public void Send(SendStamp stamp)
    {
        while (_socket.Available > 0) Receive();
        stamp.Write(_request.AsSpan("GET /".Length, SendStamp.Length));
        _socket.Send(_request);
        _unanswered++;
    }

    /// <summary>Waits for the outstanding answers.</summary>
    public void Finish()
    {
        while (_unanswered > 0) Receive();
    }

    public void Dispose() => _socket.Dispose();

    private void Receive()
    {
        int read = _socket.Receive(_answers.AsSpan(_length));
        if (read == 0) throw new UnusableException("haproxy has closed a connection");
        _length += read;
        int at = 0;
        for (int end; (end = _answers.AsSpan(at, _length - at).IndexOf("\r\n\r\n"u8)) >= 0; at += end + 4)
        {
            if (!_answers.AsSpan(at, end).StartsWith("HTTP/1.1 200 "u8))
                throw new UnusableException($"haproxy answers {Encoding.Latin1.GetString(_answers, at, end).Split('\r')[0]}");
            _unanswered--;
        }
        _answers.AsSpan(at, _length - at).CopyTo(_answers);
        _length -= at;
    }
}
