using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// All <see cref="InheritedSocket"/>s of this process, and which listener takes which. Lent ones are read but never closed: while no server
/// runs, the kernel queues in them, and the next start finds them unchanged. One caller at a time.
/// </summary>
/// <param name="sockets">All inherited sockets.</param>
/// <param name="store">The store to notify of the sockets that the next start needs; null = none.</param>
internal sealed class InheritedSockets(IReadOnlyList<InheritedSocket> sockets, FileDescriptorStore? store = null)
{
    public static InheritedSockets None { get; } = new([]);

    public FileDescriptorStore Store { get; } = store ?? FileDescriptorStore.Nowhere;

    /// <summary>The socket for a listener: one passed under its name, or else one bound at its address; null if there is none.</summary>
    /// <exception cref="BindException">The socket is of the wrong kind.</exception>
    public BoundSocket? Take(ListenerOptions options, ILogger log)
    {
        ListenAddress address = options.Address;
        List<InheritedSocket> free = [.. sockets.Where(s => s.IsFreeFor(options.Name, address))];
        List<InheritedSocket> named = [.. free.Where(s => s.IsNamed(options.Name))];
        InheritedSocket? found = named.Find(s => s.Fits(address) && s.IsAt(address))
            ?? named.Find(s => s.Fits(address))
            ?? free.Find(s => s.Fits(address) && s.IsAt(address));
        if (found is null)
        {
            // UDP and TCP may share a port, datagrams and streams an abstract name; a path names only one socket.
            InheritedSocket? misfit = named.FirstOrDefault() ?? free.Find(s => address.Path is not null && s.IsAt(address));
            return misfit is null ? null : throw new BindException(options.Name, address.ToString(), misfit.Misfit(address));
        }
        if (found.IsAt(address) || address.EndPoint?.Port == 0) log.SocketInherited(options.Name, found.Name, found.ToString());
        else log.InheritedElsewhere(options.Name, found.Name, found.ToString(), address.ToString());

        // The manager knows a socket only by the name under which it was stored.
        if (!found.IsLent && !found.IsNamed(options.Name)) Store.Release(found.Name, log);
        return found.TakeFor(options);
    }

    public int Count => sockets.Count;

    /// <summary>
    /// Call it when every listener is bound and none reads yet. Logs the lent sockets that no listener has taken; they stay open, because a
    /// reload may add a listener for them. Closes those of a predecessor, or kept for us, that are no longer needed.
    /// </summary>
    public void EndUnwanted(ILogger log)
    {
        foreach (InheritedSocket socket in sockets.Where(static s => s.IsUnwanted))
        {
            string address = socket.ToString();
            if (!socket.TryEnd()) log.InheritedUnwanted(socket.Name, address);
            else Store.Release(socket.Name, log);
        }
    }
}
