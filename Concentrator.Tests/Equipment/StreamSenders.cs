using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Tests.Equipment;

/// <summary>Clients of stream listeners, and what tests do with them beyond sending.</summary>
internal static class StreamSenders
{
    private const int ChunkSize = 64 * 1024;

    extension(StreamSender)
    {
        public static StreamSender Tcp(int port, Framing framing) => Patient(StreamSender.Connect(new IPEndPoint(IPAddress.Loopback, port), framing));

        public static StreamSender Unix(string path, Framing framing) =>
            Patient(StreamSender.Connect(new UnixDomainSocketEndPoint(path), framing));

        /// <summary>TLS, with the server verified against the authority and the name.</summary>
        /// <exception cref="System.Security.Authentication.AuthenticationException">The server's certificate is refused.</exception>
        public static StreamSender Tls(
            int port, Framing framing, CertificateAuthority authority, string name = "localhost", IssuedCertificate? client = null) =>
            Patient(StreamSender.Connect(new IPEndPoint(IPAddress.Loopback, port), framing, Options(authority, name, client)));

        /// <summary>The same over a connection that exists, which is the sender's from now on.</summary>
        public static StreamSender Tls(
            Socket socket, Framing framing, CertificateAuthority authority, string name = "localhost", IssuedCertificate? client = null) =>
            Patient(new StreamSender(socket, framing, Options(authority, name, client)));
    }

    extension(StreamSender sender)
    {
        /// <summary>Bytes as they are, in one write: half a frame, two frames, nonsense.</summary>
        public void SendRaw(ReadOnlySpan<byte> bytes) => sender.Stream.Write(bytes);

        /// <summary>
        /// Sends the numbers <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1 in writes of
        /// 64 KB that cut frames anywhere.
        /// </summary>
        public void Send(NumberedMessage message, int first, int count)
        {
            byte[] chunk = new byte[ChunkSize * 2];
            int end = 0;
            for (int number = first; number < first + count; number++)
            {
                end = sender.Frame(message.Render(number), ref chunk, end);
                if (end < ChunkSize) continue;
                sender.Stream.Write(chunk, 0, ChunkSize);
                chunk.AsSpan(ChunkSize, end - ChunkSize).CopyTo(chunk);
                end -= ChunkSize;
            }
            sender.Stream.Write(chunk, 0, end);
        }

        /// <summary>A framed message without its last bytes.</summary>
        public void SendUnfinished(ReadOnlySpan<byte> message)
        {
            byte[] frame = [];
            int end = sender.Frame(message, ref frame, 0);
            sender.Stream.Write(frame, 0, end - (message.Length / 4) - 2);
        }

        /// <summary>Whether the server has ended the connection, orderly or not, before the deadline.</summary>
        public bool WaitForClose(TimeSpan? within = null)
        {
            sender.Socket.ReceiveTimeout = (int)(within ?? Deadline.Reaction).TotalMilliseconds;
            try
            {
                return sender.Stream.ReadByte() < 0;
            }
            catch (IOException failed)
            {
                // A reset ends a connection too; only running into our own timeout does not.
                return !IsTimeout(failed);
            }
        }

        /// <summary>
        /// Waits for the server's end of the connection. True for an orderly one: it has read everything, and says so. False for a reset.
        /// </summary>
        /// <exception cref="TimeoutException">Neither came in time.</exception>
        public bool WaitForOrderlyEnd(TimeSpan within)
        {
            sender.Socket.ReceiveTimeout = (int)within.TotalMilliseconds;
            try
            {
                while (sender.Stream.ReadByte() >= 0)
                {
                }
                return true;
            }
            catch (IOException failed) when (IsTimeout(failed))
            {
                throw new TimeoutException("the server ends the connection neither in order nor otherwise", failed);
            }
            catch (IOException)
            {
                return false;
            }
        }

        /// <summary>Waits until the server's TCP has everything, so that a reset takes nothing back. False where it does not in time.</summary>
        public bool WaitUntilSent(TimeSpan within) => Eventually.TryHold(() => SendQueue.Bytes(sender.Socket) == 0, within);

        /// <summary>RST.</summary>
        public void Reset()
        {
            sender.Socket.LingerState = new LingerOption(true, 0);
            sender.Socket.Dispose();
        }
    }

    private static bool IsTimeout(IOException failed) =>
        failed.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock };

    /// <summary>A server that is held up for as long as a test may hold it is no fault.</summary>
    private static StreamSender Patient(StreamSender sender)
    {
        sender.Socket.SendTimeout = (int)Deadline.Transfer.TotalMilliseconds;
        return sender;
    }

    private static SslClientAuthenticationOptions Options(CertificateAuthority authority, string name, IssuedCertificate? client) => new()
    {
        TargetHost = name,
        CertificateChainPolicy = authority.Trust(),
        ClientCertificateContext = client?.Context,
    };
}
