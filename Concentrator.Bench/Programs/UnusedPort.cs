using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Concentrator.Bench.Programs;

/// <summary>
/// Finds ports for programs that cannot bind to port 0. They are below Linux's ephemeral range, so that no outgoing connection takes one
/// between the check and the program's bind.
/// </summary>
internal static class UnusedPort
{
    public static int Next()
    {
        while (true)
        {
            int port = Random.Shared.Next(20_000, 32_000);
            if (IsFree(port, SocketType.Stream, ProtocolType.Tcp) && IsFree(port, SocketType.Dgram, ProtocolType.Udp)) return port;
        }
    }

    /// <summary>Reads the kernel's table, so that no connection has to be made.</summary>
    public static bool IsListening(int port) =>
        Array.Exists(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), endPoint => endPoint.Port == port);

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using Socket socket = new(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
