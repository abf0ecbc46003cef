using System.Threading.Tasks.Sources;

namespace Concentrator.Queues;

/// <summary>
/// Wakes one awaiting loop without allocating. A signal set while nobody waits is kept (once). Any thread may set; one loop
/// awaits, and finds out for itself why it was woken.
/// <para>
/// Two ways: on the thread pool, or on the thread that wakes. A wake-up of another thread costs 10 to 30 µs, more than most of what
/// the loop then does.
/// </para>
/// </summary>
internal sealed class WakeSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Awaited = 2;

    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state;

    /// <summary>The loop goes on in the thread pool. Whatever the caller holds, it is not held up.</summary>
    public void Set()
    {
        if (IsAwaited()) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>
    /// The loop goes on at once, on the caller's thread, until it waits again for anything. To be called with no lock held.
    /// </summary>
    public void Resume()
    {
        if (IsAwaited()) _core.SetResult(true);
    }

    /// <summary>Completes with the next signal; at once where one was set before.</summary>
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
