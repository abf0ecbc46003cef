using System.Net.Sockets;

namespace Concentrator.Native;

/// <summary>systemd, or another process manager that speaks its protocols.</summary>
internal static class ServiceManager
{
    /// <summary>The address of its socket. <c>NOTIFY_SOCKET</c> is a path, or <c>@</c> and an abstract name.</summary>
    /// <exception cref="ArgumentException">It is not a valid socket address.</exception>
    public static UnixDomainSocketEndPoint AddressOf(string notifySocket) => new(notifySocket[0] == '@' ? "\0" + notifySocket[1..] : notifySocket);
}
