using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Concentrator.Tests.Equipment;

/// <summary>Senders of datagrams, and what tests do with them beyond sending.</summary>
internal static class DatagramSenders
{
    // Linux numbers that .NET has no names for.
    private const int SocketLevel = 1;
    private const int ForceSendBuffer = 32;

    extension(DatagramSender)
    {
        /// <summary>To a unix socket, waiting where its queue is full, so that it loses nothing.</summary>
        public static DatagramSender Unix(string path)
        {
            DatagramSender sender = new(new UnixDomainSocketEndPoint(path));
            sender.Socket.SendTimeout = (int)Deadline.Transfer.TotalMilliseconds;
            return sender;
        }

        /// <summary>To a loopback port. The kernel drops silently what the receiver has no room for.</summary>
        public static DatagramSender Udp(int port, bool ipv6 = false) =>
            new(new IPEndPoint(ipv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, port));

        /// <summary>To a unix socket exactly as HAProxy: never waiting, what does not go at once is lost.</summary>
        /// <param name="path">The receiver's socket, a path or a whole abstract name (<see cref="AbstractNames"/>); it need not exist.</param>
        /// <param name="sendBuffer">SO_SNDBUF (<c>tune.sndbuf.backend</c>); null for the kernel's default. Root may exceed wmem_max.</param>
        public static DatagramSender LikeHAProxy(string path, int? sendBuffer = null)
        {
            DatagramSender sender = new(new UnixDomainSocketEndPoint(path), waits: false, sendBuffer);
            if (sendBuffer is int size && Environment.IsPrivilegedProcess)
                sender.Socket.SetRawSocketOption(SocketLevel, ForceSendBuffer, BitConverter.GetBytes(size));
            return sender;
        }
    }

    extension(DatagramSender sender)
    {
        /// <summary>Bytes of the send buffer that wait in the receiver's queue now, the kernel's bookkeeping included.</summary>
        public int Outstanding => SendQueue.Bytes(sender.Socket);

        /// <summary>Sends the numbers <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1.</summary>
        public void Send(NumberedMessage message, int first, int count)
        {
            for (int number = first; number < first + count; number++) sender.Send(message.Render(number));
        }

        /// <summary>The same, losing what does not go at once; at an even pace, or as fast as possible when the rate is 0.</summary>
        public void TrySend(NumberedMessage message, int first, int count, int perSecond = 0)
        {
            long start = Stopwatch.GetTimestamp();
            for (int done = 0; done < count; done++)
            {
                if (perSecond > 0)
                {
                    while (Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond < done) Thread.SpinWait(20);
                }
                sender.TrySend(message.Render(first + done));
            }
        }
    }
}
