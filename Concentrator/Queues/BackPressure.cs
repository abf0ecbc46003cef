namespace Concentrator.Queues;

/// <summary>
/// What makes senders wait under <c>WhenFull: block</c>: closed while at least one blocking spool is above its limit.
/// Whoever receives asks before each batch, so a spool exceeds its limit by at most one batch a connection. Any thread.
/// </summary>
internal sealed class BackPressure(TimeProvider? time = null)
{
    private readonly Lock _gate = new();
    private int _full;
    private volatile TaskCompletionSource? _room;

    /// <summary>What makes streams wait, long before a spool is full, while a queue in memory does not keep up.</summary>
    public StreamThrottle StreamThrottle { get; } = new(time ?? TimeProvider.System);

    /// <summary>Completed while there is room; else completes when there is room again.</summary>
    public Task Room => _room?.Task ?? Task.CompletedTask;

    /// <summary>One more spool is full.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_full++ == 0) _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>One spool fewer is full.</summary>
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
