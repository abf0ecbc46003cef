using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Many HTTP requests over few keep-alive connections, pipelined: 10,000 take about a second. Request N asks for
/// <c>/?seq=N</c>, so a log line in any format that has the request line is numbered.
/// </summary>
internal static class HttpLoad
{
    private const int Pipelined = 50;

    /// <summary>Returns when every request has been answered with 200; fails the test otherwise.</summary>
    public static void Run(int port, int count, int connections, int first)
    {
        int next = first;
        int end = first + count;
        Task[] clients = [.. Enumerable.Range(0, connections).Select(_ => Task.Run(Client))];
        Assert.That(Task.WaitAll(clients, Deadline.Transfer), "HAProxy answers in time");

        void Client()
        {
            // A connection that never carries a request would be logged as a bad one.
            if (!TakeBatch(out int from, out int until)) return;
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.ReceiveTimeout = (int)Deadline.Reaction.TotalMilliseconds;
            socket.Connect(IPAddress.Loopback, port);
            ResponseCounter responses = new();
            do
            {
                socket.Send(Requests(from, until));
                responses.Read(socket, until - from);
            }
            while (TakeBatch(out from, out until));
        }

        bool TakeBatch(out int from, out int until)
        {
            from = Interlocked.Add(ref next, Pipelined) - Pipelined;
            until = Math.Min(from + Pipelined, end);
            return from < until;
        }
    }

    private static byte[] Requests(int from, int until)
    {
        StringBuilder text = new();
        for (int number = from; number < until; number++)
            text.Append(CultureInfo.InvariantCulture, $"GET /?seq={number} HTTP/1.1\r\nHost: test.example\r\n\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Reads responses without a body; each must be 200. One connection, one thread.</summary>
    private sealed class ResponseCounter
    {
        private readonly byte[] _buffer = new byte[65536];
        private int _count;

        public void Read(Socket socket, int expected)
        {
            while (true)
            {
                int at = 0;
                for (int end; (end = _buffer.AsSpan(at, _count - at).IndexOf("\r\n\r\n"u8)) >= 0; at += end + 4)
                {
                    if (!_buffer.AsSpan(at).StartsWith("HTTP/1.1 200 "u8))
                        throw new InvalidDataException(Encoding.Latin1.GetString(_buffer, at, end));
                    expected--;
                }
                _buffer.AsSpan(at, _count - at).CopyTo(_buffer);
                _count -= at;
                if (expected == 0) return;
                int read = socket.Receive(_buffer.AsSpan(_count));
                if (read == 0) throw new EndOfStreamException("HAProxy closed the connection");
                _count += read;
            }
        }
    }
}
