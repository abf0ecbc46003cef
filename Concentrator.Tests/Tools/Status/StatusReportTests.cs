using System.Text.Json;
using Concentrator.Accounting;
using Concentrator.Accounting.HAProxyTraffic;
using Concentrator.Hosting.Status;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Status;
using NUnit.Framework;
using Serilog.Events;
using Serilog.Parsing;

namespace Concentrator.Tests.Tools.Status;

/// <summary>The text of <c>concentrator status</c>.</summary>
internal sealed class StatusReportTests
{
    private readonly ManualTimeProvider _time = new();
    private Ledger _ledger = null!;
    private RecentEvents _recent = null!;
    private ServerView _view = null!;

    [SetUp]
    public void Begin()
    {
        _ledger = new Ledger();
        _recent = new RecentEvents(new KeyMask());
        _view = new ServerView(_ledger, _recent, _time) { IsListening = true };
    }

    [Test]
    public void A_relay_says_its_queue_its_bound_its_connection_and_why_it_dropped()
    {
        OutputCounters relay = _ledger.Output("sekoia", isRelay: true, 5L << 30);
        using (relay.Gate.Enter())
        {
            for (int i = 0; i < 1500; i++) relay.AcceptUnsynchronized(1024);
            relay.DeliverUnsynchronized(300, 300 * 1024);
            relay.DropUnsynchronized(DropReason.QueueFullOldest, 200, 200 * 1024);
        }
        relay.Connected(new ConnectedPeer("intake.sekoia.io:10514", "TLS 1.3", new DateTime(2027, 1, 2, 0, 0, 0, DateTimeKind.Utc)));
        relay.Estimate(new BacklogEstimate(180, 5 * 3600));
        Assert.That(Lines(), Is.EqualTo(new[]
        {
            $"concentrator {ProgramVersion.Current} is ready: process {Environment.ProcessId}, up less than 1 s",
            "",
            "output  accepted  delivered  queued  dropped  balance",
            "sekoia     1,500        300   1,000      200  ok",
            "  not in the running configuration",
            "  connected to intake.sekoia.io:10514 over TLS 1.3, certificate expires",
            "    2027-01-02",
            "  queue: 1 MB of 5 GB, empty in about 3 min, full after an outage of 5 h",
            "  200 dropped (queue_full_oldest)",
            "",
            "no warnings or errors in the log",
        }));
    }

    [Test]
    public void A_listener_says_what_was_lost_before_it_and_what_its_lines_of_HAProxy_lack()
    {
        ListenerCounters ring = _ledger.Listener("ring");
        ring.AddLostBefore(LostBefore.RingDropped, 353);
        for (int n = 0; n < 3; n++) ring.Insight.AddUnfinished(1024);
        TrafficShard shard = ring.Insight.Borrow();
        shard.AddUnreadable(UnreadableKind.Clf);
        ring.Insight.Return(shard);
        Assert.That(Lines().Skip(2).TakeWhile(static line => line.Length > 0), Is.EqualTo(new[]
        {
            "listener  received  routed  unrouted  balance",
            "ring             0       0         0  ok",
            "  not in the running configuration",
            "  353 lost before us (ring_dropped)",
            "  3 lines of HAProxy were cut at 1,024 bytes: raise 'len' of its log line, or",
            "    'maxlen' of its ring",
        }), "nobody parses them");
        using ConfigurationFolder folder = new();
        _view.Options = folder.Load($$"""
            {
              "Listeners": { "other": { "Address": "udp://127.0.0.1:0" } },
              "Outputs": { "sekoia": { "Type": "syslog-tls", "Endpoint": "intake:1", "IntakeKey": "ABCDEFGHIJKLMNOP" } },
              "Spool": { "Directory": "/var/spool/here" }
            }
            """).Options!;
        _ledger.Output("sekoia", isRelay: true, 1);
        Assert.That(Lines().SkipWhile(static line => !line.StartsWith("    'maxlen'", StringComparison.Ordinal)).Skip(1).TakeWhile(static line => line.Length > 0), Is.EqualTo(new[]
        {
            "  1 lines of HAProxy that Sekoia.io does not parse (clf): Use 'option httplog'",
            "    in place of 'option httplog clf'.",
        }));
    }

    [Test]
    public void No_line_is_longer_than_80_columns_whatever_there_is_to_say()
    {
        string longName = new('n', 200);
        ListenerCounters listener = _ledger.Listener(longName);
        listener.Add(new BatchTally { Messages = int.MaxValue, Unrouted = int.MaxValue - 5, Malformed = 2_000_000_000, Truncated = 3, Bytes = long.MaxValue });
        listener.AddKernelDropped(123_456_789_012);
        listener.AddRefusedConnection();
        listener.AddCutConnection(ConnectionCutReason.Idle);
        listener.AddFramingViolation();
        listener.Problem = "/var/lib/haproxy/dev/log " + new string('p', 300) + " \u001b[2J is gone";
        OutputCounters relay = _ledger.Output(longName, isRelay: true, long.MaxValue);
        using (relay.Gate.Enter())
        {
            relay.RecoverUnsynchronized(3_000_000_000, 3_000_000_000);
            relay.DropUnsynchronized(DropReason.QueueFullOldest, 1_000_000_000, 1_000_000_000);
            relay.DeliverUnsynchronized(1_000_000_000, 1_000_000_000);
        }
        for (int i = 0; i < 30; i++) Keep($"{i} words and words and words and words and words and words and words and {new string('w', i * 7)}");
        string[] lines = Lines();
        Assert.That(lines, Is.All.Length.LessThanOrEqualTo(StatusReport.Width));
        Assert.That(string.Concat(lines), Does.Not.Contain('\u001b').And.Contain("NOT READY"));
        Assert.That(lines, Has.Exactly(2).StartsWith("nnnnnnnn").And.Exactly(1).Contains("3,000,000,000  1,000,000,000  1,000,000,000  1,000,000,000  ok"));
    }

    [Test]
    public void What_repeats_in_the_log_is_said_with_its_count()
    {
        for (int i = 0; i < 1234; i++) Keep("again");
        Assert.That(Lines()[^1], Does.Match(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d WARN again \(1,234 times\)$"));
    }

    private void Keep(string text) => _recent.Keep(
        text, new LogEvent(new DateTimeOffset(2026, 11, 22, 6, 13, 25, TimeSpan.Zero), LogEventLevel.Warning, null, new MessageTemplate([new TextToken(text)]), []));

    private string[] Lines()
    {
        using JsonDocument document = JsonDocument.Parse(new StatusDocument(_view, _time).Render());
        return [.. StatusReport.Lines(document.RootElement)];
    }
}
