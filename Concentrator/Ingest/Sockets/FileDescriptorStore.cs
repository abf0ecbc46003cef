using System.Net.Sockets;
using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// systemd's file descriptor store (<c>FDSTORE=1</c> of sd_notify(3), <c>FileDescriptorStoreMax=</c> of the unit). It holds the
/// abstract sockets, because no socket unit can make HAProxy's padded names. The manager keeps them while the server is restarted or was
/// killed, and the next start finds them among its descriptors, under a name that begins with <see cref="NamePrefix"/>. A stop that is not
/// a restart empties the store. Without a manager nothing happens; a failure to notify it is logged once. One caller at a time.
/// </summary>
/// <param name="notifySocket">A path, or <c>@</c> and an abstract name; null = no manager.</param>
internal sealed class FileDescriptorStore(string? notifySocket)
{
    public const string NamePrefix = "kept.";

    private bool _hasFailed;

    public static FileDescriptorStore Nowhere { get; } = new(null);

    /// <summary>The store that the environment variables of this process name.</summary>
    public static FileDescriptorStore With(IReadOnlyDictionary<string, string> variables) =>
        new(variables.GetValueOrDefault("NOTIFY_SOCKET") is { Length: > 0 } socket ? socket : null);

    /// <summary>Call it when the listener reads. A listener with a path, a port or a lent socket is ignored.</summary>
    public void Keep(ListenerOptions listener, BoundSocket socket, ILogger log)
    {
        if (IsOurs(listener, socket)) Tell($"FDSTORE=1\nFDNAME={NamePrefix}{listener.Name}", socket.Socket.SafeHandle, listener.Name, log);
    }

    /// <summary>Call it when the listener leaves and the server keeps running: else its name stays taken, and messages unread.</summary>
    public void Release(ListenerOptions listener, BoundSocket socket, ILogger log)
    {
        if (IsOurs(listener, socket)) Release(listener.Name, log);
    }

    /// <summary>Releases the socket of a listener that no longer exists.</summary>
    public void Release(string listener, ILogger log) => Tell($"FDSTOREREMOVE=1\nFDNAME={NamePrefix}{listener}", null, listener, log);

    private static bool IsOurs(ListenerOptions listener, BoundSocket socket) => listener.Address.Abstract is not null && !socket.IsLent;

    private void Tell(string state, SafeSocketHandle? descriptor, string listener, ILogger log)
    {
        if (notifySocket is null) return;
        try
        {
            using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            manager.Connect(ServiceManager.AddressOf(notifySocket));
            DescriptorPassing.Send(manager, Encoding.ASCII.GetBytes(state), descriptor);
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException)
        {
            // The server works without the store; messages sent during a restart are then lost.
            if (!_hasFailed) log.SocketNotKept(listener, e.Message);
            _hasFailed = true;
        }
    }
}
