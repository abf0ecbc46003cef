using Concentrator.Accounting;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// What the unfinished messages of all streams hold together, within <c>Streams:MaxMemory</c>. Each may be as long as its listener's
/// <c>MaxMessageSize</c>: without a bound for all, ten thousand senders that finish nothing hold gigabytes. Above the bound the
/// connections with the largest unfinished messages are cut, of equals the oldest; what had come is delivered and counted as truncated.
/// Any thread.
/// </summary>
/// <param name="most">Bytes; may be replaced by a reload.</param>
/// <param name="log">Where to.</param>
internal sealed class StreamMemory(long most, ILogger log)
{
    /// <summary>
    /// After a peak of this and more the collector is told to give memory back to the system: where no garbage is made it would not look.
    /// Some milliseconds, for little of the heap is in use.
    /// </summary>
    private const long WorthCollecting = 32 * 1024 * 1024;

    /// <summary>Milliseconds. Everything stands still meanwhile: no sender may bring that about as often as it likes.</summary>
    private const long BetweenCollections = 60_000;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<StreamConnection> _holders = [];
    private long _held;
    private long _peak;
    private long _holds;
    private long _collectedAt = -BetweenCollections;

    /// <summary>Bytes; what is held beyond a smaller bound is cut when somebody next holds more.</summary>
    public long Most { get; set; } = most;

    /// <summary>
    /// The connection holds that many bytes of an unfinished message from now on, counted in whole buffers. To be called where that has
    /// changed, by the connection's own loop.
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
        foreach (StreamConnection connectionToCut in cut) connectionToCut.Cut(CutReason.Memory);
    }

    private void Account(StreamConnection connection, long bytes)
    {
        // One that was cut still holds its message until it has delivered it, which is soon.
        if (connection.GivesBack) return;
        if (connection.Held == 0) connection.HeldSince = _holds++;
        _held += bytes - connection.Held;
        connection.Held = bytes;
        if (bytes == 0) _holders.Remove(connection);
        else _holders.Add(connection);
    }

    /// <summary>Those to cut, until an eighth of the bound is free: not to look through all of them for each buffer.</summary>
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
