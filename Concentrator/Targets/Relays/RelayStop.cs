using Concentrator.Queues;
using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays;

/// <summary>How a relay's loop is told to end, and how long each of its waits may then take. Any thread may call.</summary>
internal sealed class RelayStop
{
    /// <summary>Time to connect at a stop without a connection, if the disk keeps what is queued.</summary>
    private static readonly TimeSpan LastAttemptLimit = TimeSpan.FromSeconds(3);

    private readonly DeliveryQueue _queue;
    private readonly RelayWake _wake;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly CancellationTokenSource _pauseEnds = new();
    private readonly CancellationTokenSource _connectingEnds;
    private volatile bool _stopping;
    private volatile bool _detaching;

    public RelayStop(DeliveryQueue queue, RelayWake wake)
    {
        _queue = queue;
        _wake = wake;
        _connectingEnds = CancellationTokenSource.CreateLinkedTokenSource(_giveUp.Token);
    }

    /// <summary>Whether to deliver what is queued and then to end.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Whether to end as soon as nothing is in flight.</summary>
    public bool IsDetaching => _detaching;

    /// <summary>Whether to end at once.</summary>
    public bool IsOutOfTime => _giveUp.IsCancellationRequested;

    /// <summary>Whether a stop need not wait for a peer, because what is queued is safe on disk.</summary>
    public bool MayLeave => _stopping && _queue.KeepsWhatIsLeft;

    /// <summary>Ends an attempt to connect that begins now.</summary>
    public CancellationToken Connecting => _stopping && !_queue.KeepsWhatIsLeft ? _giveUp.Token : _connectingEnds.Token;

    /// <summary>Ends a pause that begins now. A stop ends the first pause, for one more attempt at once.</summary>
    public CancellationToken Pausing => _stopping ? _connectingEnds.Token : _pauseEnds.Token;

    /// <summary>Closes the queue and lets the loop deliver what is in it, for at most <paramref name="timeout"/>.</summary>
    public async Task StopAsync(TimeSpan timeout)
    {
        _stopping = true;
        _queue.Close();
        await _pauseEnds.CancelAsync().ConfigureAwait(false);
        _giveUp.CancelAfter(timeout);
        if (_queue.KeepsWhatIsLeft) _connectingEnds.CancelAfter(LastAttemptLimit);
    }

    /// <summary>Ends a pause at once; messages in flight may still be acknowledged for that time, so that they are not sent twice.</summary>
    public async Task DetachAsync(TimeSpan timeout)
    {
        _detaching = true;
        _wake.Set();
        await _pauseEnds.CancelAsync().ConfigureAwait(false);
        _giveUp.CancelAfter(timeout);
    }

    /// <summary>Until disposed: when time is up, ends the connection's write and the loop's wait.</summary>
    public CancellationTokenRegistration Watch(RelayConnection connection) => _giveUp.Token.Register(() =>
    {
        connection.Abandon();
        _wake.Set();
    });
}
