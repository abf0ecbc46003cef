using System.Threading.Tasks.Sources;

namespace Concentrator.Spool;

/// <summary>
/// Wakes one awaiting loop without allocating. A signal set while nobody waits is kept (once). Any thread may set; one
/// loop awaits, and finds out for itself why it was woken.
/// </summary>
internal sealed class WakeSignal : IValueTaskSource
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Awaited = 2;

    // Continuations must not run on the setter's thread: it may be the one that parses HAProxy's messages.
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    public void Set()
    {
        if (Interlocked.Exchange(ref _state, Signalled) != Awaited) return;
        Volatile.Write(ref _state, Idle);
        _core.SetResult(true);
    }

    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Signalled) return ValueTask.CompletedTask;
        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Idle) return new ValueTask(this, _core.Version);
        Volatile.Write(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
