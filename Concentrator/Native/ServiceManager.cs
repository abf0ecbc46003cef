using System.Net.Sockets;

namespace Concentrator.Native;

/// <summary>systemd, or whoever else started the process and speaks its protocols.</summary>
internal static class ServiceManager
{
    /// <summary>Its socket, as <c>NOTIFY_SOCKET</c> names it: a path, or <c>@</c> and an abstract name.</summary>
    /// <exception cref="ArgumentException">It is none that a socket can have.</exception>
    public static UnixDomainSocketEndPoint AddressOf(string notifySocket) => new(notifySocket[0] == '@' ? "\0" + notifySocket[1..] : notifySocket);
}
