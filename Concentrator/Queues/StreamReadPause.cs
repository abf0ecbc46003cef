namespace Concentrator.Queues;

/// <summary>
/// Makes stream connections wait while a memory queue is above its mark: stream senders can wait, and their waiting messages
/// take no memory here. A queue that does not fall below the mark within <see cref="Patience"/> (its disk hangs) is
/// ignored, because it must not hold up the other outputs. Datagrams never wait for this. Any thread may call.
/// </summary>
internal sealed class StreamReadPause(TimeProvider time)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private int _high;
    private long _episode;
    private volatile TaskCompletionSource? _low;

    /// <summary>Completed while no queue is high; otherwise completes when none is high any more.</summary>
    public Task Low => _low?.Task ?? Task.CompletedTask;

    /// <summary>Counts one more high queue. Returns the value to pass to <see cref="Fall"/>.</summary>
    public long Rise()
    {
        lock (_gate)
        {
            if (_high++ == 0)
            {
                _low = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _timer ??= time.CreateTimer(_ => GiveUp(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(Patience, Timeout.InfiniteTimeSpan);
            }
            return _episode;
        }
    }

    /// <summary>Counts one high queue fewer.</summary>
    public void Fall(long episode)
    {
        lock (_gate)
        {
            if (episode == _episode && --_high == 0) End();
        }
    }

    private void GiveUp()
    {
        lock (_gate)
        {
            if (_high == 0) return;
            _high = 0;
            _episode++;
            End();
        }
    }

    private void End()
    {
        _low!.SetResult();
        _low = null;
    }
}
