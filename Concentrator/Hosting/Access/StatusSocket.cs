using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;

namespace Concentrator.Hosting.Access;

/// <summary>
/// The unix socket of the status pages. As with a listener's, the path always names a socket that is read: it is bound beside the path and
/// renamed over it. One caller.
/// </summary>
internal sealed class StatusSocket
{
    private readonly UnixSocketPath _path;

    private StatusSocket(Socket socket, UnixSocketPath path)
    {
        Socket = socket;
        _path = path;
    }

    /// <summary>Bound, not listening; whoever listens on it closes it.</summary>
    public Socket Socket { get; }

    /// <exception cref="BindException">Another process has the path, or the system refuses.</exception>
    public static StatusSocket Bind(MonitoringOptions options)
    {
        string path = options.Address.Path!, address = options.Address.ToString();

        // What is at the path is judged here: the words of a listener do not fit.
        if (File.Exists(path) && !SocketReaders.IsAbandoned(path, SocketType.Stream))
            throw new BindException("status pages", address, "the address is in use");
        ListenerOptions socket = new()
        {
            Name = "status pages",
            Address = new ListenAddress(Transport.UnixStream, path, null),
            Mode = options.Mode,
            Takeover = true,
        };
        Socket bound = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            UnixSocketPath place = UnixSocketPath.Bind(bound, socket);
            place.Claim();
            return new StatusSocket(bound, place);
        }
        catch
        {
            bound.Dispose();
            throw;
        }
    }

    /// <summary>Removes the path if it is still this socket's.</summary>
    public void Remove() => _path.Remove();
}
