using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Concentrator.Tests.Equipment;

/// <summary>How a <see cref="StreamSender"/> marks a message's end.</summary>
internal enum SenderFraming
{
    OctetCounted,
    Lf,
    Nul,
}

/// <summary>A client of a stream listener over TCP, TLS or a unix stream socket. One thread.</summary>
internal sealed class StreamSender : IDisposable
{
    private const int ChunkSize = 64 * 1024;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly SenderFraming _framing;

    private StreamSender(Socket socket, Stream stream, SenderFraming framing)
    {
        _socket = socket;
        _stream = stream;
        _framing = framing;
    }

    public static StreamSender Tcp(int port, SenderFraming framing)
    {
        Socket socket = ConnectTcp(port);
        return new StreamSender(socket, new NetworkStream(socket, ownsSocket: true), framing);
    }

    public static StreamSender Unix(string path, SenderFraming framing)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return new StreamSender(socket, new NetworkStream(socket, ownsSocket: true), framing);
    }

    /// <summary>TLS, with the server verified against the authority and the name.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The server's certificate is refused.</exception>
    public static StreamSender Tls(
        int port, SenderFraming framing, CertificateAuthority authority, string name = "localhost", IssuedCertificate? client = null)
        => Tls(ConnectTcp(port), framing, authority, name, client);

    /// <summary>The same over a connection that exists, which is the sender's from now on.</summary>
    public static StreamSender Tls(
        Socket socket, SenderFraming framing, CertificateAuthority authority, string name = "localhost", IssuedCertificate? client = null)
    {
        SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
        try
        {
            stream.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                CertificateChainPolicy = Trust.Only(authority),
                ClientCertificateContext = client?.Context,
            });
        }
        catch
        {
            stream.Dispose();
            throw;
        }
        return new StreamSender(socket, stream, framing);
    }

    /// <summary>Bytes as they are, in one write: half a frame, two frames, nonsense.</summary>
    public void SendRaw(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>One framed message in one write.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        using MemoryStream framed = new();
        Frame(message, framed);
        _stream.Write(framed.GetBuffer(), 0, (int)framed.Length);
    }

    /// <summary>
    /// Sends the numbers <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1 in writes of
    /// 64 KB that cut frames anywhere.
    /// </summary>
    public void Send(NumberedMessage message, int first, int count)
    {
        using MemoryStream chunk = new(ChunkSize * 2);
        for (int number = first; number < first + count; number++)
        {
            Frame(message.Render(number), chunk);
            if (chunk.Length < ChunkSize) continue;
            int rest = (int)chunk.Length - ChunkSize;
            _stream.Write(chunk.GetBuffer(), 0, ChunkSize);
            chunk.GetBuffer().AsSpan(ChunkSize, rest).CopyTo(chunk.GetBuffer());
            chunk.SetLength(rest);
            chunk.Position = rest;
        }
        _stream.Write(chunk.GetBuffer(), 0, (int)chunk.Length);
    }

    /// <summary>Ends our direction: close_notify over TLS, then FIN.</summary>
    public void FinishSending()
    {
        if (_stream is SslStream tls) tls.ShutdownAsync().Wait(Deadline.Reaction);
        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Whether the server has ended the connection, orderly or not, before the deadline.</summary>
    public bool WaitForClose(TimeSpan? within = null)
    {
        _socket.ReceiveTimeout = (int)(within ?? Deadline.Reaction).TotalMilliseconds;
        try
        {
            return _stream.ReadByte() < 0;
        }
        catch (IOException failed)
        {
            // A reset ends a connection too; only running into our own timeout does not.
            return failed.InnerException is not SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock };
        }
    }

    /// <summary>
    /// Waits for the server's end of the connection. True for an orderly one: it has read everything, and says so. False for a reset.
    /// </summary>
    /// <exception cref="TimeoutException">Neither came in time.</exception>
    public bool WaitForOrderlyEnd(TimeSpan within)
    {
        _socket.ReceiveTimeout = (int)within.TotalMilliseconds;
        try
        {
            while (_stream.ReadByte() >= 0)
            {
            }
            return true;
        }
        catch (IOException failed) when (failed.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
        {
            throw new TimeoutException("the server ends the connection neither in order nor otherwise", failed);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Waits until the server's TCP has everything, so that a reset takes nothing back. False where it does not in time.</summary>
    public bool WaitUntilSent(TimeSpan within) => Eventually.TryHold(() => SendQueue.Bytes(_socket) == 0, within);

    /// <summary>A framed message without its last bytes.</summary>
    public void SendUnfinished(ReadOnlySpan<byte> message)
    {
        using MemoryStream framed = new();
        Frame(message, framed);
        _stream.Write(framed.GetBuffer(), 0, (int)framed.Length - (message.Length / 4) - 2);
    }

    /// <summary>RST.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>
    /// FIN. Bytes that we were sent and never read, such as TLS 1.3's session tickets, are read first: closing over them
    /// would make the kernel send a reset, and the receiver lose what it has not read yet (seen with rsyslog).
    /// </summary>
    public void Dispose()
    {
        try
        {
            byte[] unread = new byte[4096];
            while (_socket.Available > 0 && _socket.Receive(unread) > 0)
            {
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The connection is over already.
        }
        _stream.Dispose();
    }

    private void Frame(ReadOnlySpan<byte> message, MemoryStream into)
    {
        if (_framing == SenderFraming.OctetCounted)
        {
            Span<byte> header = stackalloc byte[12];
            message.Length.TryFormat(header, out int digits, default, CultureInfo.InvariantCulture);
            header[digits] = (byte)' ';
            into.Write(header[..(digits + 1)]);
        }
        into.Write(message);
        if (_framing == SenderFraming.Lf) into.WriteByte((byte)'\n');
        if (_framing == SenderFraming.Nul) into.WriteByte(0);
    }

    private static Socket ConnectTcp(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }
}
