using Concentrator.Accounting;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

/// <summary>Estimates from snapshots a second apart: how long until a backlog is gone, how long an outage can still be taken.</summary>
public sealed class OutputTrendTests
{
    private const long MB = 1024 * 1024;

    private OutputTrend _trend = null!;
    private OutputSnapshot _output;
    private bool _hasBaseline;

    [SetUp]
    public void StartFromAnEmptyRelay()
    {
        _trend = new OutputTrend();
        _hasBaseline = false;
        _output = new OutputSnapshot { Name = "relay", IsRelay = true, Connected = true, Capacity = 1000 * MB, Dropped = [] };
    }

    [Test]
    public void Nothing_is_said_before_a_rate_is_known()
    {
        _output = _output with { QueuedBytes = 10 * MB };
        Assert.That(Look(), Is.EqualTo(new BacklogEstimate(null, null)));
    }

    [Test]
    public void A_queue_not_worth_mentioning_is_drained_whatever_the_rates()
    {
        _output = _output with { QueuedBytes = OutputTrend.WorthMentioning };
        Assert.That(Look().DrainSeconds, Is.Zero);
        Assert.That(Seconds(10, arrive: 0, deliver: 0).DrainSeconds, Is.Zero);
        _output = _output with { Connected = false };
        Assert.That(Look().DrainSeconds, Is.Zero);
    }

    [Test]
    public void What_is_on_its_way_anyhow_is_no_backlog_at_high_rates()
    {
        Seconds(10, arrive: 50 * MB, deliver: 50 * MB);
        _output = _output with { QueuedBytes = 90 * MB };
        Assert.That(Seconds(1, arrive: 50 * MB, deliver: 50 * MB).DrainSeconds, Is.Zero);
    }

    [Test]
    public void A_backlog_that_shrinks_is_gone_when_the_difference_of_the_rates_has_eaten_it()
    {
        _output = _output with { QueuedBytes = 200 * MB };
        BacklogEstimate estimate = Seconds(20, arrive: MB, deliver: 5 * MB);
        Assert.That(_output.QueuedBytes, Is.EqualTo(120 * MB));
        Assert.That(estimate.DrainSeconds, Is.EqualTo(30).Within(0.001));
    }

    [Test]
    public void A_backlog_that_grows_or_stays_is_never_gone()
    {
        _output = _output with { QueuedBytes = 200 * MB };
        Assert.That(Seconds(5, arrive: 2 * MB, deliver: MB).DrainSeconds, Is.EqualTo(double.PositiveInfinity));
        _trend = new OutputTrend();
        Assert.That(Seconds(5, arrive: MB, deliver: MB).DrainSeconds, Is.EqualTo(double.PositiveInfinity));
        _trend = new OutputTrend();
        Assert.That(Seconds(5, arrive: 0, deliver: 0).DrainSeconds, Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void Without_a_connection_a_backlog_is_never_gone()
    {
        _output = _output with { QueuedBytes = 200 * MB };
        Seconds(5, arrive: 0, deliver: 5 * MB);
        _output = _output with { Connected = false };
        Assert.That(Look().DrainSeconds, Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void A_new_connection_is_judged_by_itself_from_its_second_second_on()
    {
        _output = _output with { Connected = false };
        Seconds(120, arrive: MB, deliver: 0);
        _output = _output with { Connected = true };
        Assert.That(Seconds(1, arrive: MB, deliver: 2 * MB).DrainSeconds, Is.Null);
        BacklogEstimate estimate = Seconds(1, arrive: MB, deliver: 5 * MB);
        Assert.That(estimate.DrainSeconds, Is.EqualTo(_output.QueuedBytes / (4.0 * MB)).Within(0.001));
        _output = _output with { Reconnects = 1 };
        Assert.That(Look().DrainSeconds, Is.Null, "it was lost and made again between two looks");
        Assert.That(_trend.IsConnectedAnew);
    }

    [Test]
    public void A_file_needs_no_connection()
    {
        _output = _output with { IsRelay = false, Connected = false, QueuedBytes = 40 * MB };
        Assert.That(Seconds(10, arrive: 0, deliver: 2 * MB).DrainSeconds, Is.EqualTo(10).Within(0.001));
    }

    [Test]
    public void Counters_that_begin_anew_begin_the_rates_anew()
    {
        _output = _output with { QueuedBytes = 200 * MB };
        Seconds(10, arrive: MB, deliver: 5 * MB);
        _output = _output with { ArrivedBytes = 0, DeliveredBytes = 0 };
        Assert.That(Look(), Is.EqualTo(new BacklogEstimate(null, null)));
        Assert.That(Seconds(1, arrive: 0, deliver: 8 * MB).DrainSeconds, Is.EqualTo(19).Within(0.001));
    }

    [Test]
    public void Autonomy_is_the_free_share_over_what_arrives()
    {
        BacklogEstimate estimate = Seconds(10, arrive: 2 * MB, deliver: 2 * MB);
        Assert.That(estimate.AutonomySeconds, Is.EqualTo(500).Within(0.001));
        _output = _output with { StoredBytes = 200 * MB };
        Assert.That(Seconds(1, arrive: 2 * MB, deliver: 2 * MB).AutonomySeconds, Is.EqualTo(400).Within(0.001), "the files are what takes the room");
        Assert.That(Seconds(150, arrive: 2 * MB, deliver: 0).AutonomySeconds, Is.EqualTo(350).Within(0.001));
    }

    [Test]
    public void Autonomy_is_infinite_while_nothing_arrives_and_zero_when_there_is_no_room()
    {
        Assert.That(Seconds(2, arrive: 0, deliver: 0).AutonomySeconds, Is.EqualTo(double.PositiveInfinity));
        _output = _output with { QueuedBytes = 1000 * MB };
        Assert.That(Look().AutonomySeconds, Is.Zero);
        _output = _output with { QueuedBytes = 1001 * MB };
        Assert.That(Look().AutonomySeconds, Is.Zero);
    }

    [Test]
    public void A_burst_moves_the_rate_and_is_forgotten_within_minutes()
    {
        Seconds(120, arrive: MB, deliver: MB);
        double before = Seconds(1, arrive: MB, deliver: MB).AutonomySeconds!.Value;
        double during = Seconds(1, arrive: 31 * MB, deliver: 31 * MB).AutonomySeconds!.Value;
        double after = Seconds(120, arrive: MB, deliver: MB).AutonomySeconds!.Value;
        Assert.That(before, Is.EqualTo(1000).Within(0.001));
        Assert.That(during, Is.InRange(490, 510), "a thirtieth of the new rate counts");
        Assert.That(after, Is.InRange(975, 1000));
    }

    /// <summary>So many seconds pass, bytes arriving and leaving in each; the last estimate.</summary>
    private BacklogEstimate Seconds(int count, long arrive, long deliver)
    {
        BacklogEstimate estimate = _hasBaseline ? default : Look();
        for (int i = 0; i < count; i++)
        {
            _output = _output with
            {
                ArrivedBytes = _output.ArrivedBytes + arrive,
                DeliveredBytes = _output.DeliveredBytes + deliver,
                QueuedBytes = _output.QueuedBytes + arrive - deliver,
            };
            estimate = Look();
        }
        return estimate;
    }

    private BacklogEstimate Look()
    {
        _hasBaseline = true;
        return _trend.Follow(_output, TimeSpan.FromSeconds(1));
    }
}
