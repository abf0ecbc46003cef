using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets.Relays;

/// <summary>
/// Steps 7 and 8 of the journey for relays: takes blocks in order, writes each whole, and settles its messages as they are
/// acknowledged: by the peer's TCP stack for syslog, by the peer itself for RELP. After any failure everything unacknowledged returns
/// to the front of the queue and is sent again on the next connection, and after a reset or a timeout also the <see cref="ReplayTail"/>
/// before it: duplicates are possible, silent loss is not. <see cref="RefusalSearch"/> finds a message that ends every connection.
/// </summary>
internal sealed partial class RelayTarget : Target
{
    /// <summary>
    /// How often acknowledgements are polled while something is unacknowledged, whatever else happens. They are also polled
    /// with every new block.
    /// </summary>
    private static readonly TimeSpan AcknowledgementPoll = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The same if the queue wakes the loop for it (<see cref="DeliveryQueue.WakesForSettling"/>), as a safeguard against a disk that
    /// hangs: a framework timer costs some eight thread switches.
    /// </summary>
    private static readonly TimeSpan RarePoll = TimeSpan.FromSeconds(10);

    /// <summary>Interval between polls while blocks are written without a pause.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(5);

    /// <summary>As <see cref="AcknowledgementPoll"/>, while nothing can continue without an acknowledgement.</summary>
    private static readonly TimeSpan UrgentPoll = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(1);

    /// <summary>Time to connect at a stop without a connection, if the disk keeps what is queued.</summary>
    private static readonly TimeSpan LastAttemptLimit = TimeSpan.FromSeconds(3);

    /// <summary>Timers have millisecond resolution: a shorter wait would be none.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    /// <summary>A connection that lasted longer was good: its end alone is no reason to wait before the next.</summary>
    private static readonly TimeSpan ProvenAfter = TimeSpan.FromSeconds(1);

    private readonly RelayOutputOptions _options;
    private readonly OutputCounters _counters;
    private readonly RunningLoops _loops;
    private readonly LoopMark _mark;
    private readonly RelayDeadlines _deadlines;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly RelayEndpointCycle _endpoints;
    private readonly Backoff _backoff = new(Random.Shared);
    private readonly WakeSignal _wake;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly CancellationTokenSource _pauseEnds = new();
    private readonly CancellationTokenSource _connectingEnds;
    private readonly Timer _pollTimer;
    private readonly ITimer _paceTimer;

    // The loop may end on the queue's own thread, which must not run the continuations that wait for that end.
    private readonly TaskCompletionSource _loop = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The delay that the poll timer is set to; infinite = not set.
    private TimeSpan _asksIn = Timeout.InfiniteTimeSpan;
    private volatile bool _stopping;
    private volatile bool _detaching;

    // Owned by the loop.
    private readonly UnacknowledgedWindow _window;
    private readonly ReplayTail _tail;
    private readonly RelayRateLimit? _pace;
    private readonly RefusalSearch _search = new();

    // Consecutive orderly closes over messages that had been sent before.
    private int _closesInVain;

    // State of the connection in use.
    private AcknowledgedHistory _past;
    private long _progressAt;
    private long _closeSeenAt;
    private long _moved;
    private long _settledTo;
    private bool _hasDelivered;

    public RelayTarget(
        RelayOutputOptions options, DeliveryQueue queue, OutputCounters counters, RunningLoops loops, RelayDeadlines deadlines,
        TimeProvider time, ILogger log)
        : base(options, queue)
    {
        _options = options;
        _counters = counters;
        _loops = loops;
        _mark = new LoopMark($"relay {options.Name}") { HasCome = wait => wait == LoopWait.Work && queue.HasBlock };
        _deadlines = deadlines;
        _wake = new WakeSignal();
        _time = time;
        _log = log;
        _endpoints = new RelayEndpointCycle(options, new RelayConnector(options, deadlines, log, _wake.Set), deadlines, time, log, _wake.Set);
        _window = new UnacknowledgedWindow(countsMessages: options.Protocol == RelayProtocol.Relp);
        _tail = new ReplayTail(options.ReplayTail, queue, time);
        _past = new AcknowledgedHistory(options.ReplayTail, time);
        _connectingEnds = CancellationTokenSource.CreateLinkedTokenSource(_giveUp.Token);
        _pollTimer = new Timer(_ => AskAgain());
        _paceTimer = time.CreateTimer(_ => _wake.Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _pace = options.MaxRate is { } rate ? new RelayRateLimit(rate, time) : null;
        queue.HoldsSettled = options.ReplayTail;
        queue.WakeConsumer = _wake.Resume;
    }

    /// <summary>Whether a stop need not wait for a peer, because what is queued is safe on disk.</summary>
    private bool MayLeave => _stopping && Queue.KeepsWhatIsLeft;

    public override void Start() => _ = Task.Run(RunOrCrashAsync);

    public override async Task StopAsync(TimeSpan timeout, DropReason reason)
    {
        _stopping = true;
        Queue.Close();
        await _pauseEnds.CancelAsync().ConfigureAwait(false);
        _giveUp.CancelAfter(timeout);
        if (Queue.KeepsWhatIsLeft) _connectingEnds.CancelAfter(LastAttemptLimit);
        await EndAsync().ConfigureAwait(false);
        long dropped = await Task.Factory.StartNew(
            () => Queue.End(reason), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        if (dropped > 0) _log.Undelivered(_options.Name, dropped, reason);
    }

    /// <summary>Ends a pause at once; messages in flight may still be acknowledged for a moment, so that they are not sent twice.</summary>
    public override async Task DetachAsync()
    {
        _detaching = true;
        _wake.Set();
        await _pauseEnds.CancelAsync().ConfigureAwait(false);
        _giveUp.CancelAfter(FarewellLimit);
        await EndAsync().ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        await _loop.Task.ConfigureAwait(false);
        await _endpoints.DisposeAsync().ConfigureAwait(false);
        await _pollTimer.DisposeAsync().ConfigureAwait(false);
        await _paceTimer.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// An unforeseen exception ends the process, as it does on a thread: the service manager restarts it, and what is queued is
    /// kept. A relay that disappears silently would be worse.
    /// </summary>
    private async Task RunOrCrashAsync()
    {
        try
        {
            _loops.Enter(_mark);
            await RunAsync().ConfigureAwait(false);
            _loops.Leave(_mark);
            _loop.SetResult();
        }
        catch (Exception unforeseen)
        {
            Environment.FailFast($"concentrator: relay {_options.Name}: {unforeseen.Message}", unforeseen);
        }
    }

    private async Task RunAsync()
    {
        while (!_giveUp.IsCancellationRequested)
        {
            if (_detaching || (_stopping && Queue.IsEmpty)) return;
            CancellationToken ends = _stopping && !Queue.KeepsWhatIsLeft ? _giveUp.Token : _connectingEnds.Token;
            _mark.Waits(LoopWait.Peer);
            (RelayConnection? connection, ConnectFailure? failure) = await _endpoints.ConnectAsync(ends).ConfigureAwait(false);
            if (connection is null && MayLeave) return;
            TimeSpan pause = connection is null ? ReportFailure(failure!) : await UseAsync(connection).ConfigureAwait(false);
            if (pause > TimeSpan.Zero) await PauseAsync(pause).ConfigureAwait(false);
        }
    }

    private TimeSpan ReportFailure(ConnectFailure failure)
    {
        TimeSpan pause = _backoff.Next();
        _counters.Outages.Begin();
        if (_giveUp.IsCancellationRequested) return pause;
        string endpoint = failure.Endpoint.ToString();
        if (failure.Certificate is { } certificate)
            _log.RelayCertificateRejected(_options.Name, endpoint, failure.Reason, certificate.Presented, certificate.Expected, pause);
        else
            _log.RelayConnectFailed(_options.Name, endpoint, failure.Reason, pause);
        return pause;
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        // A stop ends the first pause, for one more attempt at once.
        CancellationToken ends = _stopping ? _connectingEnds.Token : _pauseEnds.Token;
        _mark.Waits(LoopWait.Peer);
        await Task.Delay(pause, _time, ends).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Uses the connection until it is over; returns how long to wait before the next.</summary>
    private async Task<TimeSpan> UseAsync(RelayConnection connection)
    {
        _mark.Works();
        string endpoint = connection.Endpoint.ToString();
        long connectedAt = _time.GetTimestamp();
        _counters.Connected(new ConnectedPeer(endpoint, connection.Protocol, connection.PeerValidUntil));
        _log.RelayConnected(_options.Name, endpoint, connection.Protocol, connection.PeerSubject);
        _past = new AcknowledgedHistory(_options.ReplayTail, _time);
        _settledTo = _moved = _closeSeenAt = 0;
        _hasDelivered = false;
        if (_search.IsOn) return await TryAloneAsync(connection, endpoint).ConfigureAwait(false);
        ConnectionEnd? end;
        await using (_giveUp.Token.Register(() => Abandon(connection)).ConfigureAwait(false))
        {
            end = await PumpAsync(connection).ConfigureAwait(false);
        }
        _mark.Waits(LoopWait.Peer);
        if (end is null) await connection.CloseAsync(FarewellLimit).ConfigureAwait(false);
        Settle(connection);
        await connection.DisposeAsync().ConfigureAwait(false);
        _mark.Works();
        _counters.Disconnected();
        GiveBackUndelivered(connection, endpoint, end);
        if (end is null) return TimeSpan.Zero;

        // The next attempt is delayed for a peer that accepts and drops at once, and for one that refuses what it would get again.
        bool isProven = _time.GetElapsedTime(connectedAt) > ProvenAfter && !end.IsRefusal && _search.InVain < 2;
        return isProven ? TimeSpan.Zero : _backoff.Next();
    }

    /// <summary>The stop's deadline has passed: ends a write, or a wait for the rate.</summary>
    private void Abandon(RelayConnection connection)
    {
        connection.Abandon();
        _wake.Set();
    }

    /// <summary>
    /// Moves blocks until the connection is over (the result says why), or, with null as the result, until the first endpoint is back,
    /// the relay detaches, or everything is delivered at a stop.
    /// </summary>
    private async Task<ConnectionEnd?> PumpAsync(RelayConnection connection)
    {
        _progressAt = _time.GetTimestamp();
        long askedAt = 0;
        bool isWritten = false;
        while (true)
        {
            _mark.Works();

            // What was just written is polled with the next block; during a backlog without a pause it is polled at intervals.
            if (!isWritten || _window.IsFull || _time.GetElapsedTime(askedAt) > AskEvery)
            {
                Settle(connection);
                askedAt = _time.GetTimestamp();
            }
            isWritten = false;
            if (connection.Ended is { } ended) return ended;
            if (_giveUp.IsCancellationRequested) return new ConnectionEnd("the server stopped before all messages were acknowledged", InOrder: false);
            if (!_window.IsEmpty && _time.GetElapsedTime(_progressAt) > _deadlines.Acknowledge)
            {
                _log.RelayPeerSilent(_options.Name, connection.Endpoint.ToString(), _deadlines.Acknowledge);
                return new ConnectionEnd("the peer stopped acknowledging", InOrder: false, IsSilence: true);
            }

            // A closing peer gets nothing new, but time to acknowledge what is in flight, if it still does.
            if (IsClosedByPeer(connection) && (_window.IsEmpty || connection.AcknowledgesNoMore))
            {
                _mark.Waits(LoopWait.Peer);
                return await connection.AnswerCloseAsync(FarewellLimit).ConfigureAwait(false);
            }
            bool leaving = _endpoints.FirstIsBack || _detaching || connection.PeerCloses;
            if (leaving && _window.IsEmpty) return null;
            TimeSpan wait = _pace?.UntilNext ?? TimeSpan.Zero;
            Block? block = _window.IsFull || connection.IsFull || leaving || wait > TimeSpan.Zero ? null : Queue.TryTake();
            if (block is null)
            {
                if (_window.IsEmpty && _stopping && Queue.IsEmpty) return null;
                bool isUrgent = _window.IsFull || connection.IsFull || leaving || _stopping;
                if (!_window.IsEmpty) AskLater(isUrgent ? UrgentPoll : Queue.WakesForSettling ? RarePoll : AcknowledgementPoll);
                if (wait > TimeSpan.Zero) _paceTimer.Change(wait < ShortestWait ? ShortestWait : wait, Timeout.InfiniteTimeSpan);
                _mark.Waits(!_window.IsEmpty ? LoopWait.Peer : wait > TimeSpan.Zero ? LoopWait.Rate : LoopWait.Work);
                await _wake.WaitAsync().ConfigureAwait(false);
                continue;
            }

            if (_window.IsEmpty) _progressAt = _time.GetTimestamp();
            _pace?.Spend(block.Length);
            _window.Add(block, connection.Written);
            isWritten = await WriteAsync(connection, block).ConfigureAwait(false);
            if (isWritten) _window.Close(connection.Written);
        }
    }

    /// <summary>Settles what a slow peer acknowledges during the write, because a block may take minutes.</summary>
    private async ValueTask<bool> WriteAsync(RelayConnection connection, Block block)
    {
        ValueTask<bool> writing = connection.WriteAsync(block.Bytes, _deadlines.Write);
        if (writing.IsCompleted) return await writing.ConfigureAwait(false);
        Task<bool> slow = writing.AsTask();
        slow.GetAwaiter().OnCompleted(_wake.Set);
        while (!slow.IsCompleted)
        {
            AskLater(AcknowledgementPoll);
            _mark.Waits(LoopWait.Peer);
            await _wake.WaitAsync().ConfigureAwait(false);
            _mark.Works();
            Settle(connection);
        }
        return await slow.ConfigureAwait(false);
    }

    /// <summary>Leaves a running timer alone unless it is too slow, because setting one wakes a framework thread.</summary>
    private void AskLater(TimeSpan wait)
    {
        if (_asksIn != Timeout.InfiniteTimeSpan && _asksIn <= wait) return;
        _asksIn = wait;
        _pollTimer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void AskAgain()
    {
        _asksIn = Timeout.InfiniteTimeSpan;
        _wake.Resume();
    }

    /// <summary>
    /// Step 8: settles acknowledged messages. If the connection was reset, the last acknowledged messages may not have been
    /// read: they are sent again anyway, and not counted before that.
    /// </summary>
    private void Settle(RelayConnection connection)
    {
        IsClosedByPeer(connection);
        if (_options.ReplayTail > TimeSpan.Zero && connection.Ended is { InOrder: false }) return;
        if (_window.IsEmpty || connection.Look(out long moved) is not { } acknowledged) return;
        NoteProgress(moved);
        _settledTo = acknowledged;
        _past.Note(acknowledged);

        while (_window.TakeAcknowledged(acknowledged) is { } block)
        {
            NoteDelivered(block);
            Queue.Settle(block);
            _tail.Add(block);
        }
        if (_window.FindPart(acknowledged, out int messages, out int bytes) is not { } first) return;
        NoteDelivered(first);
        Queue.SettleFirst(first, messages, bytes);
    }

    private void NoteProgress(long moved)
    {
        if (moved <= _moved) return;
        _moved = moved;
        _progressAt = _time.GetTimestamp();
    }

    /// <summary>A replay proves nothing, because it was delivered before.</summary>
    private void NoteDelivered(Block block)
    {
        if (block.IsReplay) return;
        _hasDelivered = true;
        _backoff.Reset();
    }
}
