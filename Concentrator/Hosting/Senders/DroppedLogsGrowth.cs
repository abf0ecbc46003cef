namespace Concentrator.Hosting.Senders;

/// <summary>
/// How much HAProxy's <c>DroppedLogs</c> grew between two readings. The first reading is where counting starts, because nobody knows when its losses
/// were. Another worker, after a restart or a reload of HAProxy, counts from zero.
/// </summary>
internal sealed class DroppedLogsGrowth
{
    private string? _worker;
    private long _dropped = -1;

    /// <param name="worker">The process ID that HAProxy reports.</param>
    /// <param name="dropped">Its count.</param>
    /// <returns>Messages lost since the last reading.</returns>
    public long Follow(string worker, long dropped)
    {
        long before = _dropped < 0 ? dropped : worker == _worker && dropped >= _dropped ? _dropped : 0;
        _worker = worker;
        _dropped = dropped;
        return dropped - before;
    }
}
