using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// The sockets that were bound before us. Those that a service manager lends are ours to read and never to close: while we are
/// away the kernel queues in them, and the next start finds them as they are. Those that a predecessor has handed over are
/// then our own, and so are those that the manager keeps for us. One caller at a time.
/// </summary>
/// <param name="sockets">All of them.</param>
/// <param name="kept">Whom to tell which sockets the next start will want; null = nobody.</param>
internal sealed class InheritedSockets(IReadOnlyList<InheritedSocket> sockets, KeptSockets? kept = null)
{
    public static InheritedSockets None { get; } = new([]);

    public KeptSockets Kept { get; } = kept ?? KeptSockets.Nowhere;

    /// <summary>
    /// The socket for a listener: the one passed under its name, or else one that is bound where it listens. Null when there is
    /// none.
    /// </summary>
    /// <exception cref="BindException">There is one, of the wrong kind.</exception>
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
            // UDP and TCP may share a port, datagrams and streams an abstract name; a path names one socket alone.
            InheritedSocket? misfit = named.FirstOrDefault() ?? free.Find(s => address.Path is not null && s.IsAt(address));
            return misfit is null ? null : throw new BindException(options.Name, address.ToString(), misfit.Misfit(address));
        }
        if (found.IsAt(address) || address.EndPoint?.Port == 0) log.SocketInherited(options.Name, found.Name, found.ToString());
        else log.InheritedElsewhere(options.Name, found.Name, found.ToString(), address.ToString());

        // The manager knows a socket once, by the name under which it was given.
        if (!found.IsLent && !found.IsNamed(options.Name)) Kept.Release(found.Name, log);
        return found.TakeFor(options);
    }

    public int Count => sockets.Count;

    /// <summary>
    /// To be called when every listener is bound and none has begun to read: says which lent sockets no listener has taken, which stay open, for a reload may
    /// bring a listener for them; and closes those of a predecessor, or kept for us, that are not needed any more.
    /// </summary>
    public void EndUnwanted(ILogger log)
    {
        foreach (InheritedSocket socket in sockets.Where(static s => s.IsUnwanted))
        {
            string address = socket.ToString();
            if (!socket.TryEnd()) log.InheritedUnwanted(socket.Name, address);
            else Kept.Release(socket.Name, log);
        }
    }
}
