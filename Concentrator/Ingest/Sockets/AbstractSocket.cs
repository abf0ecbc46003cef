using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// Binds a socket to a name of the abstract namespace. There is no file whose mode to set, or to rename or remove: the name is taken until
/// the last process that holds the socket has closed it, then free again.
/// </summary>
internal static class AbstractSocket
{
    /// <exception cref="BindException">Another socket has the name.</exception>
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
                $"{SocketReaders.Describe(name, socket.SocketType)} holds the name; stop it (a running Concentrator hands over to one started with --take-over), "
                + "or choose another name here and in haproxy.cfg");
        }
    }
}
