namespace Concentrator.Queues;

/// <summary>
/// Makes stream connections wait while a queue in memory stands above its mark: whoever sends over a stream can wait, and what
/// waits with him costs no memory here. A queue that does not come down again in <see cref="Patience"/> (its disk hangs) is no
/// longer waited for: it must not hold up the other outputs. Datagrams never wait for this. Any thread.
/// </summary>
internal sealed class StreamThrottle(TimeProvider time)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private int _high;
    private long _episode;
    private volatile TaskCompletionSource? _low;

    /// <summary>Completed while no queue is high; else completes when that is so again.</summary>
    public Task Low => _low?.Task ?? Task.CompletedTask;

    /// <summary>One more queue is high. Returns what its <see cref="Fall"/> has to say.</summary>
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

    /// <summary>A queue that was high has come down.</summary>
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
