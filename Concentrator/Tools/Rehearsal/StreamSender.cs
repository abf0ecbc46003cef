using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Tools.Rehearsal;

/// <summary>One connection over TCP, TLS or a unix stream socket, as HAProxy's rings and other senders have it. One thread.</summary>
internal sealed class StreamSender : MessageSender
{
    private readonly Framing _framing;
    private byte[] _frame = new byte[2048];

    /// <summary>Takes over a connected socket, and negotiates TLS where there are options for it.</summary>
    /// <param name="framing">How each message is delimited: octet counting, LF or NUL.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The listener's certificate is refused.</exception>
    public StreamSender(Socket socket, Framing framing, SslClientAuthenticationOptions? tls = null)
    {
        _framing = framing;
        Socket = socket;
        Stream = new NetworkStream(socket, ownsSocket: true);
        if (tls is null) return;
        SslStream secure = new(Stream);
        Stream = secure;
        try
        {
            secure.AuthenticateAsClient(tls);
        }
        catch
        {
            secure.Dispose();
            throw;
        }
    }

    public Socket Socket { get; }

    /// <summary>Over which bytes go out as they are.</summary>
    public Stream Stream { get; }

    /// <summary>Connects.</summary>
    /// <param name="sendBuffer">SO_SNDBUF in bytes; null for the kernel's default.</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static StreamSender Connect(EndPoint to, Framing framing, SslClientAuthenticationOptions? tls = null, int? sendBuffer = null)
    {
        Socket socket = new(to.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (to is IPEndPoint) socket.NoDelay = true;
            if (sendBuffer is int size) socket.SendBufferSize = size;
            socket.SendTimeout = socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
            socket.Connect(to);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return new StreamSender(socket, framing, tls);
    }

    public override void Send(ReadOnlySpan<byte> message)
    {
        int end = Frame(message, ref _frame, 0);
        Stream.Write(_frame, 0, end);
    }

    /// <summary>Writes a message with its framing into a buffer, which grows where it must. Returns the offset behind it.</summary>
    public int Frame(ReadOnlySpan<byte> message, ref byte[] buffer, int at)
    {
        const int MostOfFraming = 12;
        if (buffer.Length - at < message.Length + MostOfFraming) Array.Resize(ref buffer, (2 * buffer.Length) + message.Length + MostOfFraming);
        if (_framing == Framing.OctetCounted)
        {
            message.Length.TryFormat(buffer.AsSpan(at), out int digits, default, CultureInfo.InvariantCulture);
            at += digits;
            buffer[at++] = (byte)' ';
        }
        message.CopyTo(buffer.AsSpan(at));
        at += message.Length;
        if (_framing != Framing.OctetCounted) buffer[at++] = _framing == Framing.Nul ? (byte)0 : (byte)'\n';
        return at;
    }

    /// <summary>Ends this direction in order: close_notify over TLS, then FIN.</summary>
    public void FinishSending()
    {
        if (Stream is SslStream tls) tls.ShutdownAsync().Wait(Patience);
        Socket.Shutdown(SocketShutdown.Send);
    }

    public override void Finish()
    {
        FinishSending();

        // Until the listener closes, some bytes may still be in our kernel's send buffer.
        byte[] nothing = new byte[256];
        while (Stream.Read(nothing, 0, nothing.Length) > 0)
        {
        }
    }

    /// <summary>
    /// Closes (FIN). Bytes that were sent to us and never read, such as TLS 1.3's session tickets, are read first: closing over them would
    /// make the kernel send a reset, and the receiver lose what it has not read yet (seen with rsyslog).
    /// </summary>
    public override void Dispose()
    {
        try
        {
            byte[] unread = new byte[4096];
            while (Socket.Available > 0 && Socket.Receive(unread) > 0)
            {
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Expected: the connection is over already.
        }
        Stream.Dispose();
    }
}
