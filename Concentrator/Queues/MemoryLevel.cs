namespace Concentrator.Queues;

/// <summary>
/// The bytes that count against the limit of one <see cref="MemoryQueue"/>, including those in its target's hands, and what follows from
/// them: above a mark, stream connections wait (<see cref="StreamReadPause"/>); at the limit, the queue is full
/// (<see cref="WhenFullState"/>). Not thread-safe: the queue's lock (<see cref="Accounting.OutputLock"/>) is held.
/// </summary>
internal sealed class MemoryLevel(long limit, StreamReadPause throttle, WhenFullState fullness)
{
    /// <summary>Bytes above which streams wait: about thirty milliseconds of a fast stream.</summary>
    private const long LargestMark = 2 * 1024 * 1024;

    private readonly long _mark = Math.Min(LargestMark, limit / 4);
    private long _bytes;
    private bool _isHigh;
    private long _episode;

    /// <summary>Bytes of messages that may be queued.</summary>
    public long Limit => limit;

    /// <summary>Whether a message of that length fits; if not, the queue counts as full.</summary>
    public bool Fits(int length)
    {
        if (_bytes + length <= limit) return true;
        fullness.Begin();
        return false;
    }

    /// <summary>A message has entered the queue.</summary>
    public void Add(int length)
    {
        _bytes += length;
        if (_bytes <= _mark || _isHigh) return;
        _isHigh = true;
        _episode = throttle.Rise();
    }

    /// <summary>Messages of an earlier process are in the queue: streams wait for them from the next message on.</summary>
    public void Recover(int length) => _bytes += length;

    /// <summary>Messages were dropped for a new one: streams wait on, and the queue still counts as full.</summary>
    public void Drop(int length) => _bytes -= length;

    /// <summary>Messages have left the queue.</summary>
    public void Release(int length)
    {
        _bytes -= length;
        if (_bytes <= _mark / 2) LetStreamsGo();
        if (_bytes <= limit / 8 * 7) fullness.End();
    }

    /// <summary>No stream waits for this queue any more.</summary>
    public void LetStreamsGo()
    {
        if (!_isHigh) return;
        _isHigh = false;
        throttle.Fall(_episode);
    }
}
