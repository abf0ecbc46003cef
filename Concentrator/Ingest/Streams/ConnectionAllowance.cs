using System.Collections.Concurrent;
using Concentrator.Configuration.Options;
using Concentrator.Native;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// How many connections all stream listeners together may hold: what the limit of descriptors leaves after what the server needs
/// itself (files, spools, relays, status pages, a reload). A process without a descriptor cannot read its own configuration. Any
/// thread may take and return; one caller adapts it to the configuration.
/// </summary>
/// <param name="descriptors">That the process may have open.</param>
internal sealed class ConnectionAllowance(long descriptors)
{
    /// <summary>The runtime's, the log's, the control socket's, thirty-two of the status pages, and what a reload holds for a moment.</summary>
    private const int OfTheServer = 192;

    /// <summary>The socket, an eventfd, the files of its memory and certificates while they are read.</summary>
    private const int OfAListener = 8;

    /// <summary>A spool's directory and segments, connections to several addresses and a name server at once, or a file.</summary>
    private const int OfAnOutput = 16;

    private readonly ConcurrentDictionary<ConnectionTable, bool> _tables = new();
    private long _most = descriptors / 4;
    private long _taken;

    /// <summary>That the process may have open.</summary>
    public long Descriptors => descriptors;

    /// <summary>Connections on all listeners.</summary>
    public long Most => Volatile.Read(ref _most);

    /// <summary>What the limit of this process leaves, once the soft limit is raised to the hard one.</summary>
    public static ConnectionAllowance OfThisProcess()
    {
        LimitCalls.RaiseDescriptors();
        return new ConnectionAllowance(LimitCalls.Descriptors);
    }

    /// <summary>From now on for this configuration. However low the limit is, a quarter of it is for connections.</summary>
    public void Adapt(ServerOptions options)
    {
        long reserve = OfTheServer + (OfAListener * options.Listeners.Count) + (OfAnOutput * options.Outputs.Count);
        Volatile.Write(ref _most, Math.Max(descriptors - reserve, descriptors / 4));
    }

    /// <summary>One more connection, if there is a descriptor for it; to be returned when it has ended.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= Most) return true;
        Return();
        return false;
    }

    /// <summary>One more connection, in the place of one that is about to end.</summary>
    public void Take() => Interlocked.Increment(ref _taken);

    public void Return() => Interlocked.Decrement(ref _taken);

    /// <summary>The connections of a listener count from now on, and may give way to those of others.</summary>
    public void Join(ConnectionTable table) => _tables.TryAdd(table, true);

    public void Leave(ConnectionTable table) => _tables.TryRemove(table, out _);

    /// <summary>A silent connection to be cut for a new one, of its own listener or else of another; null where none is silent.</summary>
    public StreamConnection? GiveWay(ConnectionTable own) =>
        own.GiveWay() ?? _tables.Keys.Where(table => table != own).Select(static table => table.GiveWay()).FirstOrDefault(static c => c is not null);
}
