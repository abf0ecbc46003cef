using Concentrator.Configuration.Options;
using Concentrator.Routing;

namespace Concentrator.Ingest.Streams;

/// <summary>Whether another connection is admitted, and if not, which limit is reached.</summary>
internal enum Admission : byte
{
    Granted,
    TooMany,
    TooManyOfAddress,
}

/// <summary>
/// The open connections of one stream listener, within <c>MaxConnections</c> and <c>MaxConnectionsPerAddress</c>. At either limit, a silent
/// connection is cut for the new one: first those that have never sent anything, oldest first, then those that have sent nothing for
/// <see cref="Silence"/>, longest silent first. So neither forgotten connections nor a peer that only opens connections can keep a sender
/// out, and an active sender is not cut. Connections to a unix socket have no address and are counted together.
/// <see cref="Admit"/> is called by one thread at a time, the rest by any.
/// </summary>
internal sealed class ConnectionTable(ListenerOptions options, TimeProvider time)
{
    /// <summary>How long a sender must have been silent to be cut for another; the reset costs it what it sends at that moment.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>A scan of all connections costs some 0.1 ms for 10,000, so it is not done for each refused connection.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(0.1);

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<StreamConnection, LinkedListNode<StreamConnection>> _open = [];
    private readonly Dictionary<SenderAddress, HashSet<StreamConnection>> _byAddress = [];

    // Oldest first; a connection that has since sent something is skipped when its turn comes.
    private readonly LinkedList<StreamConnection> _neverSpoke = new();
    private readonly Queue<StreamConnection> _silent = new();
    private long _lookedAt;
    private bool _hasLooked;

    /// <summary>Whether the sender may connect; the caller cuts <paramref name="givesWay"/>, which is no longer counted.</summary>
    public Admission Admit(SenderAddress sender, out StreamConnection? givesWay)
    {
        givesWay = null;
        lock (_gate)
        {
            HashSet<StreamConnection>? own = _byAddress.GetValueOrDefault(sender);
            if (own?.Count >= options.ConnectionsPerAddress())
            {
                givesWay = Silent(own).FirstOrDefault();
                if (givesWay is null) return _open.Count >= options.MaxConnections ? Admission.TooMany : Admission.TooManyOfAddress;
            }
            else if (_open.Count >= options.MaxConnections)
            {
                givesWay = NextSilent();
                if (givesWay is null) return Admission.TooMany;
            }
            if (givesWay is not null) RemoveUnsynchronized(givesWay);
            return Admission.Granted;
        }
    }

    /// <summary>The next connection to cut for a new one, no longer counted; null if none is silent.</summary>
    public StreamConnection? GiveWay()
    {
        lock (_gate)
        {
            StreamConnection? givesWay = NextSilent();
            if (givesWay is not null) RemoveUnsynchronized(givesWay);
            return givesWay;
        }
    }

    public void Add(StreamConnection connection)
    {
        lock (_gate)
        {
            _open.Add(connection, _neverSpoke.AddLast(connection));
            if (!connection.Sender.IsKnown) return;
            if (!_byAddress.TryGetValue(connection.Sender, out HashSet<StreamConnection>? own)) _byAddress[connection.Sender] = own = [];
            own.Add(connection);
        }
    }

    /// <summary>Removes a connection that has ended. Does nothing if it has already given way.</summary>
    public void Remove(StreamConnection connection)
    {
        lock (_gate) RemoveUnsynchronized(connection);
    }

    private void RemoveUnsynchronized(StreamConnection connection)
    {
        if (!_open.Remove(connection, out LinkedListNode<StreamConnection>? node)) return;
        if (node.List is not null) _neverSpoke.Remove(node);
        if (!_byAddress.TryGetValue(connection.Sender, out HashSet<StreamConnection>? own)) return;
        own.Remove(connection);
        if (own.Count == 0) _byAddress.Remove(connection.Sender);
    }

    private StreamConnection? NextSilent()
    {
        while (_neverSpoke.First is { } oldest)
        {
            if (!oldest.Value.HasSpoken) return oldest.Value;
            _neverSpoke.Remove(oldest);
        }
        if (_silent.Count == 0 && (!_hasLooked || time.GetElapsedTime(_lookedAt) >= BetweenLooks))
        {
            foreach (StreamConnection connection in Silent(_open.Keys)) _silent.Enqueue(connection);
            _lookedAt = time.GetTimestamp();
            _hasLooked = true;
        }
        while (_silent.TryDequeue(out StreamConnection? next))
        {
            if (_open.ContainsKey(next) && MayGiveWay(next)) return next;
        }
        return null;
    }

    private static IEnumerable<StreamConnection> Silent(IEnumerable<StreamConnection> connections) =>
        connections.Where(MayGiveWay).OrderBy(static c => c.HasSpoken).ThenBy(static c => c.SilentSince);

    private static bool MayGiveWay(StreamConnection connection) => !connection.HasSpoken || connection.IdleFor >= Silence;
}
