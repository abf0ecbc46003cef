using System.Collections.Concurrent;
using Concentrator.Configuration.Options;
using Concentrator.Native;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// The number of connections that all stream listeners together may hold: the descriptor limit minus what the server itself needs
/// (files, spools, relays, status pages, a reload), because a process without descriptors cannot read its own configuration. Any
/// thread may take and return; one caller adapts it to the configuration.
/// </summary>
/// <param name="descriptors">File descriptors that the process may have open.</param>
internal sealed class ConnectionAllowance(long descriptors)
{
    /// <summary>For the runtime, the log, the control socket, thirty-two for the status pages, and what a reload briefly holds.</summary>
    private const int OfTheServer = 192;

    /// <summary>For the socket, an eventfd, and the files of its memory and certificates while they are read.</summary>
    private const int OfAListener = 8;

    /// <summary>For a spool's directory and segments, connections to several addresses and a name server at once; or for a file.</summary>
    private const int OfAnOutput = 16;

    private readonly ConcurrentDictionary<ConnectionTable, bool> _tables = new();
    private long _most = descriptors / 4;
    private long _taken;

    /// <summary>File descriptors that the process may have open.</summary>
    public long Descriptors => descriptors;

    /// <summary>The most connections on all listeners together.</summary>
    public long Most => Volatile.Read(ref _most);

    /// <summary>The allowance under this process's limit, after raising the soft limit to the hard one.</summary>
    public static ConnectionAllowance OfThisProcess()
    {
        LimitCalls.RaiseDescriptors();
        return new ConnectionAllowance(LimitCalls.Descriptors);
    }

    /// <summary>Adapts the allowance to a configuration. However low the limit is, a quarter of it is for connections.</summary>
    public void Adapt(ServerOptions options)
    {
        long reserve = OfTheServer + (OfAListener * options.Listeners.Count) + (OfAnOutput * options.Outputs.Count);
        Volatile.Write(ref _most, Math.Max(descriptors - reserve, descriptors / 4));
    }

    /// <summary>Takes one connection if there is a descriptor for it; return it when the connection has ended.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= Most) return true;
        Return();
        return false;
    }

    /// <summary>Takes one connection in place of one that is about to end.</summary>
    public void Take() => Interlocked.Increment(ref _taken);

    public void Return() => Interlocked.Decrement(ref _taken);

    /// <summary>Includes the connections of a listener from now on: they may be cut for those of others.</summary>
    public void Join(ConnectionTable table) => _tables.TryAdd(table, true);

    public void Leave(ConnectionTable table) => _tables.TryRemove(table, out _);

    /// <summary>A silent connection to cut for a new one, of its own listener or else of another; null if none is silent.</summary>
    public StreamConnection? GiveWay(ConnectionTable own) =>
        own.GiveWay() ?? _tables.Keys.Where(table => table != own).Select(static table => table.GiveWay()).FirstOrDefault(static c => c is not null);
}
