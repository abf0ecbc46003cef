using System.Threading.Tasks.Sources;

namespace Concentrator.Spool;

/// <summary>
/// Wakes one awaiting loop without allocating, on a thread of the loop's own. A signal set while nobody waits is kept (once).
/// Any thread may set; one loop awaits, and finds out for itself why it was woken.
/// <para>
/// Not on the thread pool: a pool wakes a second worker for each piece of work, in case there is more. At 50,000 messages a
/// second a relay's loop took six switches of threads a wake-up that way, and they cost more than what it did.
/// </para>
/// </summary>
internal sealed class WakeSignal : IValueTaskSource, IDisposable
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Awaited = 2;

    private readonly AutoResetEvent _resume = new(false);
    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state;
    private volatile bool _ended;

    /// <param name="thread">The thread's name, for those who look at the process.</param>
    public WakeSignal(string thread)
    {
        new Thread(Resume) { Name = thread, IsBackground = true }.Start();
    }

    public void Set()
    {
        if (Interlocked.Exchange(ref _state, Signalled) != Awaited) return;
        Volatile.Write(ref _state, Idle);
        _resume.Set();
    }

    /// <summary>The loop goes on on the signal's thread, or at once where a signal was set before.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Signalled) return ValueTask.CompletedTask;
        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Idle) return new ValueTask(this, _core.Version);
        Volatile.Write(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// The loop has ended, perhaps on the signal's own thread, which ends by itself; a signal set later finds nobody waiting.
    /// </summary>
    public void Dispose()
    {
        _ended = true;
        _resume.Set();
    }

    private void Resume()
    {
        using (_resume)
        {
            while (true)
            {
                _resume.WaitOne();
                if (_ended) return;
                _core.SetResult(true);
            }
        }
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
