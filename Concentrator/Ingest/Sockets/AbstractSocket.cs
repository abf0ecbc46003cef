using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// Binds a socket to a name of the abstract namespace. There is no file to set a mode of, to rename or to remove: the name is free again when
/// the last process that holds the socket has closed it, and until then no other can have it.
/// </summary>
internal static class AbstractSocket
{
    /// <exception cref="BindException">Somebody has the name.</exception>
    /// <exception cref="SocketException">The system refuses for another reason.</exception>
    public static void Bind(Socket socket, ListenerOptions options)
    {
        AbstractName name = options.Address.Abstract!;
        try
        {
            socket.Bind(name.EndPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new BindException(
                options.Name, options.Address.ToString(),
                $"{SocketReaders.Describe(name, socket.SocketType)} has the name; stop it (a Concentrator hands over to one that is started with --take-over), "
                + "or choose another name here and in haproxy.cfg");
        }
    }
}
