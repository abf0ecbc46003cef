using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Concentrator.Bench.Programs;

/// <summary>
/// Ports for programs that cannot be told "any free one". Taken from below Linux's ephemeral range (32768 and up), so no
/// outgoing connection can grab one between our look and the program's bind. Any thread may call.
/// </summary>
internal static class FreePort
{
    private const int Lowest = 20000;
    private const int Highest = 31999;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>A port free for TCP and UDP on every address, never given twice by this process.</summary>
    public static int Next() => Next(Lowest, Highest);

    /// <summary>The same below 1024, for programs that must show that they may have such a port.</summary>
    public static int NextPrivileged() => Next(600, 1023);

    private static int Next(int lowest, int highest)
    {
        lock (Gate)
        {
            for (int attempt = 0; attempt < 1000; attempt++)
            {
                int port = Random.Shared.Next(lowest, highest + 1);
                if (!Given.Contains(port) && CanBind(port, SocketType.Stream) && CanBind(port, SocketType.Dgram))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
        throw new InvalidOperationException("no free port");
    }

    /// <summary>Whether some program listens on that TCP port; asked of the kernel's table, so no connection is spent on it.</summary>
    public static bool IsListening(int port) =>
        Array.Exists(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), endpoint => endpoint.Port == port);

    private static bool CanBind(int port, SocketType type)
    {
        using Socket socket = new(AddressFamily.InterNetworkV6, type, ProtocolType.Unspecified) { DualMode = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
