using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets.Relays;

/// <summary>
/// Steps 7 and 8 of the journey for relays: connects, and takes blocks in order, writes each whole (<see cref="RelayPump"/>), and settles its
/// messages as they are acknowledged (<see cref="InFlightMessages"/>): by the peer's TCP stack for syslog, by the peer itself for RELP and HTTPS.
/// After any failure everything unacknowledged returns to the front of the queue and is sent again on the next connection, and after a
/// reset or a timeout also the <see cref="ReplayTail"/> before it: duplicates are possible, silent loss is not.
/// <see cref="RefusalSearch"/> finds a message that ends every connection.
/// </summary>
internal sealed class RelayTarget : Target
{
    /// <summary>A connection that lasted longer was good: its end alone is no reason to wait before the next.</summary>
    private static readonly TimeSpan ProvenAfter = TimeSpan.FromSeconds(1);

    private readonly RelayContext _relay;
    private readonly RelayStop _stop;
    private readonly RunningLoops _loops;
    private readonly RelayEndpointCycle _endpoints;
    private readonly RefusalSearch _search = new();
    private readonly RelayPump _pump;
    private readonly RefusalTrials _trials;

    // The loop may end on the queue's own thread, which must not run the continuations that wait for that end.
    private readonly TaskCompletionSource _loop = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RelayTarget(
        RelayOutputOptions options, DeliveryQueue queue, OutputCounters counters, RunningLoops loops, RelayDeadlines deadlines,
        TimeProvider time, ILogger log)
        : base(options, queue)
    {
        LoopHeartbeat mark = new($"relay {options.Name}") { HasCome = wait => wait == LoopWait.Work && queue.HasBlock };
        RelayWake wake = new(time);
        _relay = new RelayContext(options, queue, counters, mark, wake, deadlines, time, log);
        _stop = _relay.Stop;
        _loops = loops;
        _endpoints = new RelayEndpointCycle(options, new RelayConnector(options, deadlines, time, log, wake.Set) { Relay = _relay }, deadlines, time, log, wake.Set);
        _pump = new RelayPump(_relay, _endpoints, new InFlightMessages(_relay, _search));
        _trials = new RefusalTrials(_relay, _search);
        queue.HoldsSettled = options.ReplayTail;
        queue.KeepsRecords = options.SendsRecords;
        queue.WakeConsumer = wake.Resume;
    }

    public override void Start() => _ = Task.Run(RunOrCrashAsync);

    public override async Task StopAsync(TimeSpan timeout, DropReason reason)
    {
        await _stop.StopAsync(timeout).ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
        long dropped = await Task.Factory.StartNew(
            () => Queue.End(reason), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        if (dropped > 0) _relay.Log.Undelivered(Options.Name, dropped, reason);
    }

    public override async Task DetachAsync()
    {
        await _stop.DetachAsync(_relay.Deadlines.Farewell).ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        await _loop.Task.ConfigureAwait(false);
        await _endpoints.DisposeAsync().ConfigureAwait(false);
        await _relay.Wake.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// An unforeseen exception ends the process, as it does on a thread: the service manager restarts it, and what is queued is
    /// kept. A relay that disappears silently would be worse.
    /// </summary>
    private async Task RunOrCrashAsync()
    {
        try
        {
            _loops.Enter(_relay.Mark);
            await RunAsync().ConfigureAwait(false);
            _loops.Leave(_relay.Mark);
            _loop.SetResult();
        }
        catch (Exception unforeseen)
        {
            Environment.FailFast($"concentrator: relay {Options.Name}: {unforeseen.Message}", unforeseen);
        }
    }

    private async Task RunAsync()
    {
        while (!_stop.IsOutOfTime)
        {
            if (_stop.IsDetaching || (_stop.IsStopping && Queue.IsEmpty)) return;
            _relay.Mark.Waits(LoopWait.Peer);
            (RelayConnection? connection, ConnectFailure? failure) = await _endpoints.ConnectAsync(_stop.Connecting).ConfigureAwait(false);
            if (connection is null && _stop.MayLeave) return;
            TimeSpan pause = connection is null ? ReportFailure(failure!) : await UseAsync(connection).ConfigureAwait(false);
            if (pause <= TimeSpan.Zero) continue;
            _relay.Mark.Waits(LoopWait.Peer);
            await Task.Delay(pause, _relay.Time, _stop.Pausing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TimeSpan ReportFailure(ConnectFailure failure)
    {
        TimeSpan pause = _relay.Backoff.Next();
        _relay.Counters.Outages.Begin();
        if (_stop.IsOutOfTime) return pause;
        string endpoint = failure.Endpoint.ToString();
        if (failure.Certificate is { } certificate)
            _relay.Log.RelayCertificateRejected(Options.Name, endpoint, failure.Reason, certificate.Presented, certificate.Expected, pause);
        else
            _relay.Log.RelayConnectFailed(Options.Name, endpoint, failure.Reason, pause);
        return pause;
    }

    /// <summary>Uses the connection until it is over; returns how long to wait before the next.</summary>
    private async Task<TimeSpan> UseAsync(RelayConnection connection)
    {
        _relay.Mark.Works();
        string endpoint = connection.Endpoint.ToString();
        long connectedAt = _relay.Time.GetTimestamp();
        _relay.Counters.Connected(new ConnectedPeer(endpoint, connection.Protocol, connection.PeerValidUntil, connection.PeerSubject));
        _relay.Log.RelayConnected(Options.Name, endpoint, connection.Protocol, connection.PeerSubject);
        if (_search.IsOn) return await _trials.RunAsync(connection).ConfigureAwait(false);
        ConnectionEnd? end = await _pump.RunAsync(connection).ConfigureAwait(false);
        if (end is null) return TimeSpan.Zero;
        if (end.Pause is { } least)
        {
            TimeSpan pause = _relay.Backoff.Next();
            return least > pause ? least : pause;
        }

        // The next attempt is delayed for a peer that accepts and drops at once, and for one that refuses what it would get again.
        bool isProven = _relay.Time.GetElapsedTime(connectedAt) > ProvenAfter && !end.IsRefusal && _search.InVain < 2;
        return isProven ? TimeSpan.Zero : _relay.Backoff.Next();
    }
}
