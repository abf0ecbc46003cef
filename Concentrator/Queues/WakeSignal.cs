using System.Threading.Tasks.Sources;

namespace Concentrator.Queues;

/// <summary>
/// Wakes one awaiting loop without allocating. A signal set while nothing waits is kept (once). Any thread may set it; one loop
/// awaits, and checks itself why it was woken.
/// <para>
/// The loop continues on the thread pool, or on the thread that wakes it. Waking another thread costs 10 to 30 µs, more than most
/// of what the loop then does.
/// </para>
/// </summary>
internal sealed class WakeSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Awaited = 2;

    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state;

    /// <summary>Continues the loop on the thread pool. Never blocks the caller, whatever locks it holds.</summary>
    public void Set()
    {
        if (IsAwaited()) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>
    /// Continues the loop at once, on the caller's thread, until it waits again. Call it with no lock held.
    /// </summary>
    public void Resume()
    {
        if (IsAwaited()) _core.SetResult(true);
    }

    /// <summary>Completes with the next signal; at once if one was set before.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Signalled) return ValueTask.CompletedTask;
        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Idle) return new ValueTask(this, _core.Version);
        Volatile.Write(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    private bool IsAwaited()
    {
        if (Interlocked.Exchange(ref _state, Signalled) != Awaited) return false;
        Volatile.Write(ref _state, Idle);
        return true;
    }

    void IThreadPoolWorkItem.Execute() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
