using Concentrator.Accounting;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// Bounds what the unfinished messages of all streams hold together, by <c>Streams:MaxMemory</c>. Each may be as long as its listener's
/// <c>MaxMessageSize</c>: without a common bound, ten thousand senders that finish nothing hold gigabytes. Above the bound, connections are
/// cut, largest unfinished message first, then oldest first; what had arrived is delivered and counted as truncated. Any thread may call.
/// </summary>
/// <param name="most">The bound in bytes; a reload may replace it.</param>
/// <param name="log">Where connections cut for memory are logged.</param>
internal sealed class StreamMemory(long most, ILogger log)
{
    /// <summary>
    /// After a peak of at least this many bytes, the garbage collector is told to return memory to the system: without new garbage it would
    /// not run. This takes some milliseconds, because little of the heap is in use.
    /// </summary>
    private const long WorthCollecting = 32 * 1024 * 1024;

    /// <summary>Milliseconds. A collection stops all threads, so no sender may cause one as often as it likes.</summary>
    private const long BetweenCollections = 60_000;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<StreamConnection> _holders = [];
    private long _held;
    private long _peak;
    private long _holds;
    private long _collectedAt = -BetweenCollections;

    /// <summary>The bound in bytes. After it is lowered, connections are cut when one next holds more.</summary>
    public long Most { get; set; } = most;

    /// <summary>
    /// Records that the connection now holds <paramref name="bytes"/> bytes of an unfinished message, in whole buffers. Called by the
    /// connection's own loop whenever that changes.
    /// </summary>
    public void Hold(StreamConnection connection, long bytes)
    {
        List<StreamConnection>? cut = null;
        long held = 0;
        lock (_gate)
        {
            bool grows = bytes > connection.Held;
            Account(connection, bytes);
            _peak = Math.Max(_peak, _held);
            if (grows && _held > Most)
            {
                held = _held;
                cut = Relieve();
            }
            if (_peak >= WorthCollecting && _held < _peak / 4 && Environment.TickCount64 - _collectedAt >= BetweenCollections)
            {
                _peak = _held;
                _collectedAt = Environment.TickCount64;
                ThreadPool.UnsafeQueueUserWorkItem(static _ => GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true), null);
            }
        }
        if (cut is null) return;
        log.StreamMemoryFull(held, Most, cut.Count);
        foreach (StreamConnection connectionToCut in cut) connectionToCut.Cut(ConnectionCutReason.Memory);
    }

    private void Account(StreamConnection connection, long bytes)
    {
        // A connection that was cut holds its message until it has delivered it, which is soon.
        if (connection.GivesBack) return;
        if (connection.Held == 0) connection.HeldSince = _holds++;
        _held += bytes - connection.Held;
        connection.Held = bytes;
        if (bytes == 0) _holders.Remove(connection);
        else _holders.Add(connection);
    }

    /// <summary>Picks connections to cut until an eighth of the bound is free, so that not every buffer needs a scan of all.</summary>
    private List<StreamConnection> Relieve()
    {
        List<StreamConnection> cut = [];
        foreach (StreamConnection connection in _holders.OrderByDescending(static c => c.Held).ThenBy(static c => c.HeldSince))
        {
            if (_held <= Most - (Most / 8)) break;
            cut.Add(connection);
            _held -= connection.Held;
        }
        foreach (StreamConnection connection in cut)
        {
            _holders.Remove(connection);
            connection.Held = 0;
            connection.GivesBack = true;
        }
        return cut;
    }
}
