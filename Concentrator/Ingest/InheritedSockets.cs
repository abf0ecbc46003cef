using Concentrator.Configuration;
using Concentrator.Telemetry;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest;

/// <summary>
/// The sockets that were bound before us. Those that a service manager lends are ours to read and never to close: while we are
/// away the kernel queues in them, and the next start finds them as they are. Those that a predecessor has handed over are
/// then our own. One caller at a time.
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
        List<InheritedSocket> free = [.. sockets.Where(s => s.IsFreeFor(options.Name, address))];
        List<InheritedSocket> named = [.. free.Where(s => s.IsNamed(options.Name))];
        InheritedSocket? found = named.Find(s => s.Fits(address) && s.IsAt(address))
            ?? named.Find(s => s.Fits(address))
            ?? free.Find(s => s.Fits(address) && s.IsAt(address));
        if (found is null)
        {
            // UDP and TCP may share a port; a path names one socket alone.
            InheritedSocket? misfit = named.FirstOrDefault() ?? free.Find(s => address.IsUnix && s.IsAt(address));
            return misfit is null ? null : throw new BindException(options.Name, address.ToString(), misfit.Misfit(address));
        }
        if (found.IsAt(address) || address.EndPoint?.Port == 0) log.SocketInherited(options.Name, found.Name, found.ToString());
        else log.InheritedElsewhere(options.Name, found.Name, found.ToString(), address.ToString());
        return found.TakeFor(options);
    }

    public int Count => sockets.Count;

    /// <summary>
    /// To be called when every listener is bound: says which lent sockets no listener has taken, which stay open, for a reload may
    /// bring a listener for them; and closes those of a predecessor that are not needed any more.
    /// </summary>
    public void EndUnwanted(ILogger log)
    {
        foreach (InheritedSocket socket in sockets.Where(static s => s.IsUnwanted))
        {
            string address = socket.ToString();
            if (!socket.TryEnd()) log.InheritedUnwanted(socket.Name, address);
        }
    }
}
