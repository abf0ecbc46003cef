namespace Concentrator.Queues;

/// <summary>
/// Makes senders wait under <c>WhenFull: block</c>: closed while at least one blocking spool is above its limit.
/// Receivers ask before each batch, so a spool exceeds its limit by at most one batch per connection. Any thread may call.
/// </summary>
internal sealed class WhenFullBarrier(TimeProvider? time = null)
{
    private readonly Lock _gate = new();
    private int _full;
    private volatile TaskCompletionSource? _room;

    /// <summary>Makes streams wait while a memory queue does not keep up, long before a spool is full.</summary>
    public StreamReadPause StreamReadPause { get; } = new(time ?? TimeProvider.System);

    /// <summary>Completed while there is room; otherwise completes when there is room again.</summary>
    public Task Room => _room?.Task ?? Task.CompletedTask;

    /// <summary>Counts one more full spool.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_full++ == 0) _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Counts one full spool fewer.</summary>
    public void Open()
    {
        lock (_gate)
        {
            if (--_full != 0) return;
            _room!.SetResult();
            _room = null;
        }
    }
}
