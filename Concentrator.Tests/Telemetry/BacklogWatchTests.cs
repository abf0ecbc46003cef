using Concentrator.Accounting;
using Concentrator.Hosting;
using Concentrator.Telemetry.Metrics;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

/// <summary>What is said, and shown, of a relay that comes back to a backlog; on virtual time.</summary>
internal sealed class BacklogWatchTests
{
    private const int Message = 1000;

    private ManualTimeProvider _time = null!;
    private LogCapture _log = null!;
    private Ledger _ledger = null!;
    private OutputCounters _relay = null!;
    private BacklogWatch _watch = null!;

    [SetUp]
    public void Watch()
    {
        _time = new ManualTimeProvider();
        _log = new LogCapture();
        _ledger = new Ledger();
        _relay = _ledger.Output("sekoia", isRelay: true, 1_000_000_000);
        _watch = new BacklogWatch(_ledger, _time, _log.Logger);
    }

    [TearDown]
    public void EndWatch()
    {
        _watch.Dispose();
        Assert.That(_time.ActiveTimers, Is.Zero);
        _log.Dispose();
    }

    [Test]
    public void A_relay_that_is_back_says_what_waits_and_for_how_long_and_when_it_is_done()
    {
        Seconds(60, arrive: 5_000, deliver: 0);
        _relay.Connected();
        Seconds(4, arrive: 5_000, deliver: 10_000);
        Assert.That(Said(), Is.Empty, "the rate is not known yet");
        Seconds(60, arrive: 5_000, deliver: 10_000);
        Assert.That(Said(), Is.EqualTo(new[]
        {
            "INFO relay sekoia: connected; 270,000 messages (257 MB) queued, drained in about 54 s",
            "INFO relay sekoia: caught up after 58 s, 590,000 messages delivered",
        }));
    }

    [Test]
    public void A_backlog_that_is_gone_at_once_is_one_line()
    {
        Seconds(10, arrive: 100, deliver: 0);
        _relay.Connected();
        Seconds(10, arrive: 100, deliver: 10_000);
        Assert.That(Said(), Is.EqualTo(new[] { "INFO relay sekoia: caught up after less than 1 s, 1,100 messages delivered" }));
    }

    [Test]
    public void A_backlog_that_does_not_shrink_is_a_warning()
    {
        Seconds(60, arrive: 5_000, deliver: 0);
        _relay.Connected();
        Seconds(30, arrive: 5_000, deliver: 4_000);
        Assert.That(Said(), Is.EqualTo(new[]
        {
            "WARN relay sekoia: connected; 306,000 messages (292 MB) queued, and messages arrive as fast as they are delivered: the backlog does not shrink",
        }));
    }

    [Test]
    public void A_relay_that_is_lost_again_is_not_said_to_have_caught_up_until_it_has()
    {
        Seconds(60, arrive: 5_000, deliver: 0);
        for (int i = 0; i < 5; i++)
        {
            _relay.Connected();
            Seconds(3, arrive: 0, deliver: 1_000);
            _relay.Disconnected();
            Seconds(3, arrive: 0, deliver: 0);
        }
        Assert.That(Said(), Is.Empty);
        _relay.Connected();
        Seconds(1, arrive: 0, deliver: 1_000_000);
        Assert.That(Said(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_relay_that_keeps_up_is_not_talked_about()
    {
        _relay.Connected();
        Seconds(30, arrive: 50_000, deliver: 50_000);
        _relay.Disconnected();
        _relay.Connected();
        Seconds(30, arrive: 50_000, deliver: 50_000);
        Assert.That(Said(), Is.Empty);
    }

    [Test]
    public void The_estimates_are_in_the_metrics_once_they_are_known()
    {
        Assert.That(Scrape().Named("concentrator_output_drain_seconds"), Is.Empty);
        Seconds(10, arrive: 5_000, deliver: 0);
        MetricsSnapshot away = Scrape();
        Assert.That(away.Text, Does.Contain("concentrator_output_drain_seconds{output=\"sekoia\"} +Inf"));
        Assert.That(away.Sum("concentrator_output_autonomy_seconds"), Is.EqualTo(190).Within(0.001));
        _relay.Connected();
        Seconds(5, arrive: 0, deliver: 5_000);
        Assert.That(Scrape().Sum("concentrator_output_drain_seconds"), Is.Positive.And.Not.EqualTo(double.PositiveInfinity));
        Seconds(5, arrive: 0, deliver: 5_000);
        Assert.That(Scrape().Sum("concentrator_output_drain_seconds"), Is.Zero);
    }

    [Test]
    public void A_capacity_that_changes_shows_at_once()
    {
        long share = 10_000_000;
        _relay.Become(isRelay: true, () => share);
        Seconds(10, arrive: 1_000, deliver: 0);
        Assert.That(_relay.Read().Estimate?.AutonomySeconds, Is.Zero);
        share = 20_000_000;
        Seconds(1, arrive: 1_000, deliver: 0);
        Assert.That(_relay.Read().Estimate?.AutonomySeconds, Is.EqualTo(9).Within(0.001));
    }

    [TestCase(999, "999 bytes")]
    [TestCase(1000, "1 KB")]
    [TestCase(432_013_312, "412 MB")]
    [TestCase(1_288_490_189, "1.2 GB")]
    public void Sizes_are_said_in_few_figures(long bytes, string said) => Assert.That(RoughFigures.Size(bytes), Is.EqualTo(said));

    [TestCase(0.4, "less than 1 s")]
    [TestCase(89, "89 s")]
    [TestCase(125, "2 min")]
    [TestCase(7_200, "2 h")]
    [TestCase(200_000, "2 days")]
    public void Durations_are_said_in_few_figures(double seconds, string said) => Assert.That(RoughFigures.Duration(seconds), Is.EqualTo(said));

    /// <summary>So many seconds pass, messages arriving and leaving (while there are any) in each.</summary>
    private void Seconds(int count, int arrive, int deliver)
    {
        for (int i = 0; i < count; i++)
        {
            lock (_relay.Gate)
            {
                for (int n = 0; n < arrive; n++) _relay.AcceptUnsynchronized(Message);
                long delivered = Math.Min(deliver, _relay.Read().QueuedBytes / Message);
                _relay.DeliverUnsynchronized(delivered, delivered * Message);
            }
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private List<string> Said() => [.. _log.Lines.Select(static line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])];

    private MetricsSnapshot Scrape()
    {
        using ServerMetrics metrics = new(_ledger);
        using PrometheusText text = new(metrics);
        return MetricsSnapshot.Parse(text.Render());
    }
}
