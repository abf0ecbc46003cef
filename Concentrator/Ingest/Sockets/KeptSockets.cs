using System.Net.Sockets;
using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// The service manager's store of descriptors (<c>FDSTORE=1</c> of sd_notify(3), <c>FileDescriptorStoreMax=</c> of the unit). Abstract sockets
/// are put there, for no socket unit can make HAProxy's padded names: the manager holds them while the server is started again, or was killed,
/// and the next start finds them among its descriptors, under a name that begins with <see cref="NamePrefix"/>. A stop that is no restart
/// empties the store. Without a manager nothing happens; a manager that cannot be told is said once. One caller at a time.
/// </summary>
/// <param name="notifySocket">A path, or <c>@</c> and an abstract name; null = no manager.</param>
internal sealed class KeptSockets(string? notifySocket)
{
    public const string NamePrefix = "kept.";

    private bool _hasFailed;

    public static KeptSockets Nowhere { get; } = new(null);

    /// <summary>Where the variables of this process say.</summary>
    public static KeptSockets With(IReadOnlyDictionary<string, string> variables) =>
        new(variables.GetValueOrDefault("NOTIFY_SOCKET") is { Length: > 0 } socket ? socket : null);

    /// <summary>To be called when the listener reads. One with a path, a port, or a lent socket is no concern of this.</summary>
    public void Keep(ListenerOptions listener, BoundSocket socket, ILogger log)
    {
        if (IsOurs(listener, socket)) Tell($"FDSTORE=1\nFDNAME={NamePrefix}{listener.Name}", socket.Socket.SafeHandle, listener.Name, log);
    }

    /// <summary>To be called when the listener leaves and the server goes on: else the name would stay taken, and what is sent there unread.</summary>
    public void Release(ListenerOptions listener, BoundSocket socket, ILogger log)
    {
        if (IsOurs(listener, socket)) Release(listener.Name, log);
    }

    /// <summary>The same of a listener that is not there any more.</summary>
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
            // The server works without; what is sent during a restart is lost then.
            if (!_hasFailed) log.SocketNotKept(listener, e.Message);
            _hasFailed = true;
        }
    }
}
