using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest;
using Concentrator.Ingest.Sockets;
using Concentrator.Pipeline;
using Concentrator.Telemetry.Log;
using Concentrator.Tools.Rehearsal;
using Microsoft.Extensions.Logging;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Runs the demo: a whole server in this process, senders in front of it, an intake behind it, and an outage in the middle. Its progress
/// may be read from another thread.
/// </summary>
internal sealed class DemoRun(DemoPlan plan, DemoDirectory directory) : IDisposable
{
    /// <summary>How often the ledger is read: the resolution of every measured time.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Example _example = new(plan.Senders[0].Letter, 5);
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private volatile string _phase = "Starting: a certificate, an intake, the listeners.";
    private volatile IReadOnlyList<DemoSender> _senders = [];
    private volatile DemoIntake? _intake;

    public Ledger Ledger { get; } = new();

    public DemoEvents Events { get; } = new(directory.OwnLog);

    /// <summary>The current phase, as a sentence.</summary>
    public string Phase => _phase;

    public TimeSpan Elapsed => _time.GetElapsedTime(_began);

    public IReadOnlyList<DemoSender> Senders => _senders;

    public long FramesAtIntake => _intake?.Frames ?? 0;

    public void Dispose() => Events.Dispose();

    /// <summary>Runs to the end or until cancelled. In both cases everything that was sent is then delivered and counted.</summary>
    /// <exception cref="AggregateException">Contains <see cref="BindException"/>s.</exception>
    public async Task<DemoResult> RunAsync(CancellationToken stop)
    {
        Secret intakeKey = new("demo" + RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 12));
        OutageWatch watch = new(Ledger, _time);
        ThrowAwayCertificate certificate = new(directory.Path);
        using DemoIntake intake = new(certificate.Server, intakeKey, _example);
        intake.Listen();
        _intake = intake;
        using (ILoggerFactory logs = ServerLog.Create(Events, LogLevel.Information, _time))
        {
            ServerOptions options = DemoConfiguration.For(plan, directory, certificate, intake.EndPoint, intakeKey);
            await ServeAsync(options, certificate, intake, watch, logs.CreateLogger("concentrator"), stop).ConfigureAwait(false);
            Events.IsShowing = false;
        }
        await intake.CloseAsync().ConfigureAwait(false);
        return Count(intake, watch, stop.IsCancellationRequested);
    }

    private async Task ServeAsync(
        ServerOptions options, ThrowAwayCertificate certificate, DemoIntake intake, OutageWatch watch, ILogger log, CancellationToken stop)
    {
        ServerPipeline pipeline = await ServerPipeline.BindAsync(options, Ledger, _time, log, mayTuneKernel: false).ConfigureAwait(false);
        List<DemoSender> senders = [];
        try
        {
            await pipeline.StartAsync().ConfigureAwait(false);
            foreach (SenderPlan sender in plan.Senders)
            {
                Listener listener = pipeline.Listeners.Single(bound => bound.Options.Name == sender.Listener);
                EndPoint address = listener.BoundEndPoint ?? new UnixDomainSocketEndPoint(directory.Socket);
                senders.Add(new DemoSender(sender, address, certificate, _example));
            }
            _senders = senders;
            await PlayAsync(intake, watch, stop).ConfigureAwait(false);
        }
        finally
        {
            await pipeline.StopAsync().ConfigureAwait(false);
        }
    }

    private async Task PlayAsync(DemoIntake intake, OutageWatch watch, CancellationToken stop)
    {
        using CancellationTokenSource enough = new();
        Task sending = Task.WhenAll(_senders.Select(sender => sender.RunAsync(enough.Token)));
        try
        {
            _phase = "HAProxy logs over five transports; every message goes to the file and to the intake.";
            await PassAsync(plan.Calm, null, watch, stop).ConfigureAwait(false);
            if (!stop.IsCancellationRequested) await OutageAsync(intake, watch, stop).ConfigureAwait(false);
            await PassAsync(plan.After, null, watch, stop).ConfigureAwait(false);
        }
        finally
        {
            _phase = "The senders have stopped; the remaining messages are being delivered.";
            await enough.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
        }

        // After cancellation the server's own stop handles the rest. It does not wait for the relay's next attempt.
        Func<bool> isDone = stop.IsCancellationRequested ? IsAllReceived : () => IsAllReceived() && IsAllDelivered();
        await PassAsync(plan.Patience, isDone, watch, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task OutageAsync(DemoIntake intake, OutageWatch watch, CancellationToken stop)
    {
        _phase = "The intake is down and refuses connections: its queue grows, and the file output is not affected.";
        watch.Begin();
        await intake.CloseAsync().ConfigureAwait(false);
        await PassAsync(plan.Outage, null, watch, stop).ConfigureAwait(false);
        intake.Listen();
        watch.IntakeIsBack();
        _phase = "The intake is up again; the relay reconnects at its next attempt.";
        await PassAsync(plan.Patience, () => watch.IsRelayBack, watch, stop).ConfigureAwait(false);
        _phase = "The relay is connected again: the queue drains in order while new messages arrive.";

        // Up to a quarter of a second's messages are always in flight to the intake, or awaiting acknowledgement.
        bool IsDrained() => watch.RelayQueue <= plan.PerSecond / 4;
        await PassAsync(plan.Patience, IsDrained, watch, stop).ConfigureAwait(false);
        if (!IsDrained()) return;
        watch.CaughtUp();
        _phase = "The relay is connected again and the queue is sent: both outputs are up to date.";
    }

    /// <summary>Reads the ledger until the time is over, the condition holds, or cancellation.</summary>
    private async Task PassAsync(TimeSpan atMost, Func<bool>? until, OutageWatch watch, CancellationToken stop)
    {
        long from = _time.GetTimestamp();
        while (!stop.IsCancellationRequested && _time.GetElapsedTime(from) < atMost)
        {
            watch.Look();
            if (until?.Invoke() == true) return;
            await Task.Delay(LookEvery, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsAllReceived() =>
        Ledger.Listeners().Sum(static listener => listener.Received) >= _senders.Sum(static sender => sender.Sent);

    private bool IsAllDelivered() => Ledger.Outputs().All(static output => output.Queued == 0);

    private DemoResult Count(DemoIntake intake, OutageWatch watch, bool interrupted)
    {
        _phase = "Everything has stopped; the messages in the file are being counted.";
        (char, long)[] sent = [.. _senders.Select(static sender => (sender.Plan.Letter, sender.Sent))];
        return new DemoResult
        {
            Elapsed = Elapsed,
            Interrupted = interrupted,
            Senders = [.. _senders.Select(static sender => new SenderResult(sender.Plan, sender.Sent, sender.Malformed, sender.Failure))],
            Listeners = Ledger.Listeners(),
            Outputs = Ledger.Outputs(),
            File = ReadFile().Against(sent),
            Intake = intake.Result(sent),
            Outage = watch.Result(),
            Example = _example,
        };
    }

    private NumberTally ReadFile()
    {
        NumberTally tally = new();
        if (!File.Exists(directory.LogFile)) return tally;
        using FileStream file = File.OpenRead(directory.LogFile);
        FrameBuffer lines = new();
        while (lines.Fill(file) > 0)
        {
            while (lines.TryTakeLine(out ReadOnlySpan<byte> line))
            {
                tally.Add(line);
                _example.OfferLine(line);
            }
        }
        return tally;
    }
}
