using Concentrator.Configuration;
using Concentrator.Telemetry;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest;

/// <summary>
/// The sockets that a service manager holds for us. They are ours to read and never to close: while we are away the kernel
/// queues in them, and the next start finds them as they are. One caller at a time.
/// </summary>
internal sealed class InheritedSockets(IReadOnlyList<InheritedSocket> sockets)
{
    public static InheritedSockets None { get; } = new([]);

    /// <summary>
    /// The socket for a listener: the one passed under its name, or else one that is bound where it listens. Null when there is
    /// none.
    /// </summary>
    /// <exception cref="BindException">There is one, of the wrong kind.</exception>
    public BoundSocket? Take(ListenerOptions options, ILogger log)
    {
        ListenAddress address = options.Address;
        List<InheritedSocket> free = [.. sockets.Where(s => s.IsFreeFor(address))];
        List<InheritedSocket> named = [.. free.Where(s => s.Name.Equals(options.Name, StringComparison.OrdinalIgnoreCase))];
        InheritedSocket? found = named.Find(s => s.Fits(address) && s.IsAt(address))
            ?? named.Find(s => s.Fits(address))
            ?? free.Find(s => s.Fits(address) && s.IsAt(address));
        if (found is null)
        {
            // UDP and TCP may share a port; a path names one socket alone.
            InheritedSocket? misfit = named.FirstOrDefault() ?? free.Find(s => address.IsUnix && s.IsAt(address));
            return misfit is null ? null : throw new BindException(options.Name, address.ToString(), misfit.Misfit(address));
        }
        if (found.IsAt(address)) log.SocketInherited(options.Name, found.Name, found.ToString());
        else log.InheritedElsewhere(options.Name, found.Name, found.ToString(), address.ToString());
        found.TakeFor(address);
        return new BoundSocket(found.Socket, isLent: true);
    }

    /// <summary>Says which sockets no listener has taken. They stay open: a reload may bring a listener for them.</summary>
    public void SayUnwanted(ILogger log)
    {
        foreach (InheritedSocket socket in sockets.Where(static s => s.IsUnwanted)) log.InheritedUnwanted(socket.Name, socket.ToString());
    }
}
