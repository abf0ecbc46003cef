namespace Concentrator.Native;

/// <summary>
/// The system's time, with timers that fire on one dedicated thread. A framework timer wakes its timer thread and then the thread pool:
/// some eight context switches each time (.NET 10.0, measured). Here it is one, so that an idle server can do its checks once a second
/// and still sleep.
/// <para>
/// For few timers, with callbacks that are short and do not block, because they delay each other. An unhandled exception of a callback
/// ends the process, as on any thread. Any thread, including a callback, may create, change and dispose timers. A period counts from
/// the time at which the callback was due.
/// </para>
/// </summary>
internal sealed class TimerThread : TimeProvider, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<OwnTimer> _timers = [];
    private readonly ThreadSignal _changed = new();
    private readonly Thread _thread;
    private bool _ended;

    public TimerThread()
    {
        _thread = new Thread(Run) { Name = "timers", IsBackground = true };
        _thread.Start();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        OwnTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ends the thread; no callback runs after that.</summary>
    public void Dispose()
    {
        lock (_gate) _ended = true;
        _changed.Set();
        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            OwnTimer? due;
            TimeSpan wait = Timeout.InfiniteTimeSpan;
            lock (_gate)
            {
                if (_ended) return;
                due = _timers.MinBy(static timer => timer.DueAt);
                if (due is not null)
                {
                    wait = GetElapsedTime(GetTimestamp(), due.DueAt);
                    if (wait <= TimeSpan.Zero) due.TakeUnsynchronized();
                }
            }
            if (due is not null && wait <= TimeSpan.Zero) due.Call();
            else _changed.Wait(wait);
        }
    }

    /// <summary>In the list exactly while it is scheduled to fire.</summary>
    private sealed class OwnTimer(TimerThread owner, TimerCallback callback, object? state) : ITimer
    {
        // Guarded by the owner's gate.
        private TimeSpan _period;
        private bool _disposed;

        /// <summary>Guarded by the owner's gate: a timestamp of the owner's clock.</summary>
        public long DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
            {
                if (_disposed || owner._ended) return false;
                owner._timers.Remove(this);
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                DueAt = owner.GetTimestamp() + TicksOf(dueTime);
                owner._timers.Add(this);
            }
            if (Thread.CurrentThread != owner._thread) owner._changed.Set();
            return true;
        }

        /// <summary>Reschedules a due timer for its next time, if it has a period, or else removes it.</summary>
        public void TakeUnsynchronized()
        {
            if (_period > TimeSpan.Zero) DueAt += TicksOf(_period);
            else owner._timers.Remove(this);
        }

        public void Call() => callback(state);

        /// <summary>Does not interrupt a callback that is running.</summary>
        public void Dispose()
        {
            lock (owner._gate)
            {
                _disposed = true;
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * owner.TimestampFrequency);
    }
}
