using Concentrator.Tests.Equipment;
using Concentrator.Tools.Shadow;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Shadow;

internal sealed class ShadowTallyTests
{
    private readonly ManualTimeProvider _time = new();
    private ShadowTally _tally = null!;

    [SetUp]
    public void Begin() => _tally = new ShadowTally(_time);

    [Test]
    public void Lines_are_paired_in_whatever_order_they_come()
    {
        for (int n = 0; n < 100; n++) _tally.AddOurs(Line(n));
        for (int n = 99; n >= 0; n--) _tally.AddTheirs(Line(n));
        Assert.That((_tally.Pairs, _tally.Same, _tally.Undecided), Is.EqualTo((100L, 100L, 0)));
        Assert.That(ShadowReport.IsGood(_tally));
    }

    [Test]
    public void Lines_that_are_alike_are_paired_one_by_one()
    {
        for (int n = 0; n < 3; n++) _tally.AddTheirs(Line(1));
        for (int n = 0; n < 2; n++) _tally.AddOurs(Line(1));
        Assert.That((_tally.Pairs, _tally.Undecided), Is.EqualTo((2L, 1)));
        _time.Advance(ShadowTally.Patience + TimeSpan.FromSeconds(1));
        _tally.GiveUpOnOld();
        Assert.That(_tally.Findings.Single().Key, Is.EqualTo(Difference.OnlyTheirs));
    }

    [Test]
    public void A_line_that_finds_no_other_half_in_time_is_reported_and_not_before()
    {
        _tally.AddOurs(Line(0));
        _tally.AddTheirs(Line(0));
        _tally.AddOurs(Line(1));
        _time.Advance(ShadowTally.Patience);
        _tally.GiveUpOnOld();
        Assert.That((_tally.Findings.Count, _tally.Undecided), Is.EqualTo((0, 1)));
        _time.Advance(TimeSpan.FromSeconds(1));
        _tally.GiveUpOnOld();
        Assert.That(_tally.Findings[Difference.OnlyOurs].Ours, Is.EqualTo(Line(1)));
        Assert.That(_tally.Undecided, Is.Zero);
        Assert.That(ShadowReport.IsGood(_tally), Is.False);
    }

    [Test]
    public void What_the_other_program_wrote_before_we_received_anything_is_not_held_against_anyone()
    {
        _tally.AddTheirs(Line(0));
        _time.Advance(ShadowTally.Patience + TimeSpan.FromSeconds(1));
        _tally.GiveUpOnOld();
        Assert.That((_tally.Findings.Count, _tally.Undecided), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Every_line_is_paired_reported_or_undecided()
    {
        Random random = new(1);
        int ours = 0, theirs = 0;
        _tally.AddOurs(Line(-1));
        _tally.AddTheirs(Line(-1));
        for (int n = 0; n < 5000; n++)
        {
            if (random.Next(10) > 0) { _tally.AddOurs(Line(n % 400)); ours++; }
            if (random.Next(10) > 0) { _tally.AddTheirs(Line(n % 400)); theirs++; }
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(20)));
            _tally.GiveUpOnOld();
        }
        long onlyOurs = _tally.Findings.TryGetValue(Difference.OnlyOurs, out Finding? a) ? a.Count : 0;
        long onlyTheirs = _tally.Findings.TryGetValue(Difference.OnlyTheirs, out Finding? b) ? b.Count : 0;
        Assert.That((2 * (_tally.Pairs - 1)) + onlyOurs + onlyTheirs + _tally.Undecided, Is.EqualTo(ours + theirs));
        Assert.That(onlyOurs + onlyTheirs, Is.Positive);
    }

    [Test]
    public void The_report_shows_each_kind_with_an_example_on_one_line_of_its_own()
    {
        _tally.AddOurs(Line(0) + "\u001b[31m");
        _tally.AddTheirs(Line(0).Replace(":25", ":26", StringComparison.Ordinal) + "\u001b[31m");
        StringWriter report = new();
        ShadowReport.Write(_tally, "/var/log/haproxy.log", report);
        Assert.That(report.ToString(), Does.Contain("known  1 x different time").And.Contain("\\x1b[31m").And.Not.Contain("\u001b"));
        Assert.That(report.ToString().TrimEnd().Split('\n'), Has.Length.EqualTo(5));
    }

    private static string Line(int n) => $"Nov 22 06:13:25 lb1 haproxy[7]: request {n}";
}
