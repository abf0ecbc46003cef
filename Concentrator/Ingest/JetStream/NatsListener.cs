using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;
using Concentrator.JetStream;
using Concentrator.JetStream.ClusterLedger;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Ingest.JetStream;

/// <summary>
/// A listener that fetches from a stream, over one session with a NATS server after the other. It fetches no more than it may have pending
/// (<see cref="FetchWindow"/>), so what the outputs do not take stays in the stream, where other servers can have it.
/// </summary>
internal sealed class NatsListener : Listener
{
    /// <summary>How often is looked whether messages are dealt with.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>The same while nothing is pending.</summary>
    private static readonly TimeSpan LookIdle = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the stream is told that a message is still in progress: well within <see cref="ConsumerApi.AckWait"/>.</summary>
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(10);

    /// <summary>How long a stop may wait for the ledger.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly IngestContext _context;
    private readonly NatsListenerOptions _nats;
    private readonly INatsSessions _sessions;
    private readonly PendingMessages _pending;
    private readonly StreamTotals _totals;
    private readonly StreamIntake _intake;
    private readonly LoopHeartbeat _mark;
    private readonly CancellationTokenSource _fetchEnds = new();
    private readonly CancellationTokenSource _allEnds = new();
    private readonly TaskCompletionSource _outOfTime = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _fetching = Task.CompletedTask;
    private Task _answering = Task.CompletedTask;
    private volatile NatsSession? _session;
    private volatile LedgerShare? _ledger;

    public NatsListener(ListenerOptions options, IngestContext context, INatsSessions sessions) : base(options, context)
    {
        _context = context;
        _nats = options.Nats ?? throw new ArgumentException("not a listener at nats://", nameof(options));
        _sessions = sessions;
        _pending = new PendingMessages(new FetchWindow(context.Time));
        _mark = new LoopHeartbeat($"nats {options.Name}");
        _totals = new StreamTotals(options, context, _pending);
        _intake = new StreamIntake(options, context, Counters, NewLane(), _pending, _totals, _mark, _outOfTime.Task);
    }

    public override BoundSocket? Socket => null;

    public override void Start()
    {
        _answering = Task.Run(AnswerAsync);
        _fetching = Task.Run(FetchAsync);
    }

    /// <summary>
    /// Fetches no more, waits until the outputs have dealt with what is in the queues, and gives the rest back to the stream: the queues
    /// keep it too, so it may be delivered twice.
    /// </summary>
    public override async Task StopAsync(TimeSpan timeout)
    {
        long began = _context.Time.GetTimestamp();
        await _fetchEnds.CancelAsync().ConfigureAwait(false);
        if (await Task.WhenAny(_fetching, Task.Delay(timeout)).ConfigureAwait(false) != _fetching) _outOfTime.TrySetResult();
        await _fetching.ConfigureAwait(false);
        while (_session is { Ended: null } && _pending.Count > 0 && _context.Time.GetElapsedTime(began) < timeout)
            await Task.Delay(LookEvery).ConfigureAwait(false);
        await _allEnds.CancelAsync().ConfigureAwait(false);
        await _answering.ConfigureAwait(false);
        await AnswerSettledAsync().ConfigureAwait(false);
        IReadOnlyList<PendingMessage> left = [.. _pending.TakeAll().Where(static message => message.Answers)];
        foreach (PendingMessage message in left) await SayAsync(message.Reply, StreamAnswers.GiveBack).ConfigureAwait(false);
        if (left.Count > 0) _context.Log.StreamGivenBack(Options.Name, left.Count, _nats.Stream);
        _totals.IsStopping = true;
        if (_session is { } session)
        {
            await session.FlushAsync().ConfigureAwait(false);
            if (_ledger is { } ledger && session.Ended is null) await ledger.FinishAsync(Farewell).ConfigureAwait(false);
            await session.DisposeAsync().ConfigureAwait(false);
        }
        if (_ledger is { } last) await last.EndedAsync().ConfigureAwait(false);
        Dispose();
    }

    public override Task DiscardAsync()
    {
        Dispose();
        return Task.CompletedTask;
    }

    private void Dispose()
    {
        _fetchEnds.Dispose();
        _allEnds.Dispose();
    }

    /// <summary>
    /// Uses one session after the other. An unforeseen exception ends the process, as it does on a thread: a listener that disappears silently
    /// would be worse.
    /// </summary>
    private async Task FetchAsync()
    {
        _context.Loops.Enter(_mark);
        try
        {
            while (!_fetchEnds.IsCancellationRequested)
            {
                _mark.Waits(LoopWait.Peer);
                NatsSession? session = await _sessions.ConnectAsync(
                    opened => ConsumerApi.PrepareAsync(opened, _nats.Stream, _nats.Consumer, _fetchEnds.Token), problem => Counters.Problem = problem, _fetchEnds.Token).ConfigureAwait(false);
                if (session is null) break;
                NatsSession? before = _session;
                _session = session;
                if (before is not null) await before.DisposeAsync().ConfigureAwait(false);
                if (_ledger is { } ended) await ended.EndedAsync().ConfigureAwait(false);
                LedgerShare ledger = new(session, _totals.Member);
                ledger.Begin();
                _ledger = ledger;
                string reason = await _intake.RunAsync(session, _fetchEnds.Token).ConfigureAwait(false);
                if (!_fetchEnds.IsCancellationRequested) _context.Log.StreamSessionLost(Options.Name, reason);
            }
        }
        catch (Exception unforeseen)
        {
            Environment.FailFast($"concentrator: listener {Options.Name}: {unforeseen.Message}", unforeseen);
        }
        _context.Loops.Leave(_mark);
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (!_allEnds.IsCancellationRequested)
            {
                await Task.Delay(_pending.Count > 0 ? LookEvery : LookIdle, _allEnds.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await AnswerSettledAsync().ConfigureAwait(false);
                _ledger?.Look();
                foreach (PendingMessage message in _pending.ToTell(_context.Time, TellEvery)) await SayAsync(message.Reply, StreamAnswers.InProgress).ConfigureAwait(false);
            }
        }
        catch (Exception unforeseen)
        {
            Environment.FailFast($"concentrator: listener {Options.Name}: {unforeseen.Message}", unforeseen);
        }
    }

    /// <summary>A message that cannot be answered now, because there is no session, is given out again by the stream.</summary>
    private async Task AnswerSettledAsync()
    {
        if (_session is not { Ended: null }) return;
        foreach (PendingMessage message in _pending.TakeSettled())
        {
            if (!message.Answers) continue;
            _totals.AddSettled(message.Messages);
            if (!await SayAsync(message.Reply, StreamAnswers.Done).ConfigureAwait(false)) _totals.TakeBackSettled(message.Messages);
        }
        Counters.Unacknowledged = _pending.Count;
    }

    private Task<bool> SayAsync(string reply, ReadOnlyMemory<byte> answer) => _session is { } session ? session.TellAsync(reply, answer) : Task.FromResult(false);
}
