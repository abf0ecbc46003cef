using Concentrator.Queues;

namespace Concentrator.Targets.Relays;

/// <summary>
/// Wakes a relay's loop: for a block, for what is new on its connection, to ask for acknowledgements, or when the rate allows the next
/// block. Any thread may call <see cref="Set"/> and <see cref="Resume"/>, the loop the rest.
/// </summary>
internal sealed class RelayWake : IAsyncDisposable
{
    /// <summary>
    /// How often acknowledgements are asked for while something is unacknowledged, whatever else happens. They are also asked for with
    /// every new block.
    /// </summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The same if the queue wakes the loop for it (<see cref="DeliveryQueue.WakesForSettling"/>), as a safeguard against a disk that
    /// hangs: a framework timer costs some eight thread switches.
    /// </summary>
    public static readonly TimeSpan Rare = TimeSpan.FromSeconds(10);

    /// <summary>As <see cref="Usual"/>, while nothing can continue without an acknowledgement.</summary>
    public static readonly TimeSpan Urgent = TimeSpan.FromMilliseconds(20);

    /// <summary>Timers have millisecond resolution: a shorter wait would be none.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly WakeSignal _signal = new();
    private readonly Timer _askTimer;
    private readonly ITimer _paceTimer;

    // The delay that the timer is set to; infinite = not set.
    private TimeSpan _asksIn = Timeout.InfiniteTimeSpan;

    public RelayWake(TimeProvider time)
    {
        _askTimer = new Timer(_ => AskAgain());
        _paceTimer = time.CreateTimer(_ => _signal.Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc cref="WakeSignal.Set"/>
    public void Set() => _signal.Set();

    /// <inheritdoc cref="WakeSignal.Resume"/>
    public void Resume() => _signal.Resume();

    /// <inheritdoc cref="WakeSignal.WaitAsync"/>
    public ValueTask WaitAsync() => _signal.WaitAsync();

    /// <summary>Wakes the loop after that time to ask for acknowledgements.</summary>
    public void AskWithin(TimeSpan wait)
    {
        // A running timer is left alone unless it is too slow, because setting one wakes a framework thread.
        if (_asksIn != Timeout.InfiniteTimeSpan && _asksIn <= wait) return;
        _asksIn = wait;
        _askTimer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Wakes the loop when the rate allows the next block.</summary>
    public void AtRate(TimeSpan wait) => _paceTimer.Change(wait < ShortestWait ? ShortestWait : wait, Timeout.InfiniteTimeSpan);

    public async ValueTask DisposeAsync()
    {
        await _askTimer.DisposeAsync().ConfigureAwait(false);
        await _paceTimer.DisposeAsync().ConfigureAwait(false);
    }

    private void AskAgain()
    {
        _asksIn = Timeout.InfiniteTimeSpan;
        _signal.Resume();
    }
}
