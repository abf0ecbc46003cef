using Concentrator.Tools.Top;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Top;

/// <summary>The picture of <c>concentrator top</c>.</summary>
internal sealed class TopScreenTests
{
    [Test]
    public void A_server_under_load_shows_its_rates_and_its_queue()
    {
        ServerReading before = Readings.Server(at: 60, received: 10_000, accepted: 10_000, delivered: 9_000);
        ServerReading now = Readings.Server(at: 61, received: 15_012, accepted: 15_012, delivered: 14_000);
        now = now with { Outputs = [now.Outputs[0] with { QueuedBytes = 310, DrainSeconds = 45, AutonomySeconds = 7200 }] };
        Assert.That(Text(RatedReading.Between(before, now)).Skip(1), Is.EqualTo(new[]
        {
            "",
            "listener  msg/s  bytes/s  received  unrouted  kernel lost",
            "haproxy   5,012   1.4 MB    15,012         0            0",
            "",
            "output   in/s  out/s  queue           waiting  dropped  state",
            "sekoia  5,012  5,000  ###.....  31 %    1,012        0  empty in 45 s",
        }));
    }

    [Test]
    public void What_was_lost_before_a_listener_and_what_Sekoia_does_not_read_stands_below_its_row()
    {
        ServerReading now = Readings.Server(at: 1, received: 5);
        now = now with { Listeners = [now.Listeners[0] with { LostBefore = 1353, Unreadable = 12 }] };
        ScreenLine row = TopScreen.Lines(RatedReading.Between(null, now), 80, 24).SkipWhile(static line => !line.Text.StartsWith("haproxy", StringComparison.Ordinal)).ElementAt(1);
        Assert.That((row.Text, row.Emphasis), Is.EqualTo(("  1,353 lost before us, 12 lines that Sekoia.io does not parse (see status)", Emphasis.Warning)));
    }

    [TestCase(false, 0L, 0.0, "NOT CONNECTED", Emphasis.Bad, true)]
    [TestCase(true, 10L, 0.0, "dropping", Emphasis.Bad, false)]
    [TestCase(true, 0L, double.PositiveInfinity, "not shrinking", Emphasis.Warning, true)]
    [TestCase(true, 0L, 0.0, "connected", Emphasis.None, false)]
    public void The_state_of_a_relay_names_what_matters_most(bool isConnected, long dropped, double drain, string state, Emphasis emphasis, bool saysRoom)
    {
        ServerReading before = Readings.Server(at: 0);
        ServerReading now = Readings.Server(at: 1);
        now = now with { Outputs = [now.Outputs[0] with { IsConnected = isConnected, Dropped = dropped, DrainSeconds = drain, AutonomySeconds = 7200 }] };
        ScreenLine[] lines = [.. TopScreen.Lines(RatedReading.Between(before, now), 80, 24).SkipWhile(static line => !line.Text.StartsWith("sekoia", StringComparison.Ordinal))];
        Assert.That(lines[0].Text, Does.EndWith($"  {state}"));
        Assert.That(lines, Has.All.Property(nameof(ScreenLine.Emphasis)).EqualTo(emphasis));
        Assert.That(lines.Skip(1).Select(static line => line.Text), Is.EqualTo(saysRoom ? ["  the queue has room for 2 h at this rate"] : Array.Empty<string>()));
    }

    [Test]
    public void A_ledger_that_does_not_balance_is_said_before_everything_else()
    {
        ServerReading now = Readings.Server(at: 1);
        now = now with { Outputs = [now.Outputs[0] with { Balances = false, IsConnected = false }] };
        Assert.That(Text(RatedReading.Between(null, now))[^2], Does.EndWith("  UNBALANCED"));
    }

    [Test]
    public void Whatever_the_server_says_fits_the_terminal_and_moves_no_cursor([Values(80, 200)] int width, [Values(24, 60)] int height)
    {
        string wild = string.Concat(Enumerable.Repeat("\u001b[2J\tname", 60));
        ServerReading now = Readings.Server(at: 1) with { IsReady = false, Problems = [.. Enumerable.Repeat(wild, 3)], Version = wild, Events = [.. Enumerable.Repeat(wild, 40)] };
        now = now with
        {
            Listeners = [.. Enumerable.Repeat(now.Listeners[0] with { Name = wild, Received = long.MaxValue, Unrouted = long.MaxValue }, 12)],
            Outputs = [.. Enumerable.Repeat(now.Outputs[0] with { Name = wild, Queued = long.MaxValue, Dropped = long.MaxValue, IsConnected = false }, 12)],
        };
        IReadOnlyList<ScreenLine> lines = TopScreen.Lines(RatedReading.Between(null, now), width, height);
        Assert.That(lines, Has.Count.EqualTo(height));
        Assert.That(lines.Select(static line => line.Text.Length), Is.All.LessThanOrEqualTo(width));
        Assert.That(lines.SelectMany(static line => line.Text), Has.None.Matches<char>(char.IsControl));
    }

    [Test]
    public void What_does_not_fit_is_counted_and_events_are_left_out_first()
    {
        ServerReading now = Readings.Server(at: 1) with { Events = ["12:00:00 WARN older", "12:00:01 WARN newer"] };
        Assert.That(Text(RatedReading.Between(null, now), 9)[^1], Is.EqualTo("12:00:01 WARN newer"));
        Assert.That(Text(RatedReading.Between(null, now), 5)[^1], Is.EqualTo("3 more lines: make the terminal higher, or use concentrator status"));
    }

    [TestCase(0L, "........   0 %")]
    [TestCase(1L, "#.......   0 %")]
    [TestCase(999L, "######## 100 %")]
    public void A_queue_that_is_not_empty_shows_a_mark(long queued, string bar)
    {
        ServerReading now = Readings.Server(at: 1);
        now = now with { Outputs = [now.Outputs[0] with { QueuedBytes = queued }] };
        Assert.That(Text(RatedReading.Between(null, now))[^1], Does.Contain($"  {bar}  "));
    }

    private static string[] Text(RatedReading frame, int height = 24) => [.. TopScreen.Lines(frame, 80, height).Select(static line => line.Text)];
}
