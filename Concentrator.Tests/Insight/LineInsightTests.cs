using System.Text;
using Concentrator.Accounting;
using Concentrator.Accounting.HAProxyTraffic;
using Concentrator.Ingest.Lanes;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.Insight;

/// <summary>Which messages are taken for HAProxy's, and what a listener then knows.</summary>
internal sealed class LineInsightTests
{
    private const string Request = "192.0.2.1:48907 [22/Nov/2026:06:04:19.212] www be/s 1/2/3/40/500 200 98 - - ---- 2/2/0/0/0 0/0 \"GET / HTTP/1.1\"";
    private const string Session = "192.0.2.1:59372 [22/Nov/2026:06:04:30.831] tcpin be/t1 1/0/0 6 SD 1/1/0/0/0 0/0";

    private ManualTimeProvider _time = null!;
    private ListenerCounters _counters = null!;
    private LineInsight _insight = null!;

    [SetUp]
    public void Create()
    {
        _time = new ManualTimeProvider();
        _counters = new ListenerCounters("in");
        _insight = new LineInsight(_counters, _time);
    }

    [TestCase("<134>Nov 22 06:13:25 haproxy[1]: ", true)]
    [TestCase("<134>Nov 22 06:13:25 haproxy-lb[1]: ", true)]
    [TestCase("<134>Nov 22 06:13:25 edge[1]: ", true)]
    [TestCase("<134>", true)]
    [TestCase("<134>Nov 22 06:13:25 edge[1]: now ", false)]
    public void A_line_of_that_form_is_HAProxys_whatever_its_program(string header, bool isTaken)
    {
        Look(header + Request);
        Assert.That(_counters.Insight.Read()?.Lines ?? 0, Is.EqualTo(isTaken ? 1 : 0));
    }

    [Test]
    public void A_program_that_wrote_such_a_line_is_HAProxy_from_then_on()
    {
        Look("<134>Nov 22 06:13:25 edge[1]: backend be has no server available!");
        Assert.That(_counters.Insight.Read(), Is.Null, "anybody may say that");
        Look($"<134>Nov 22 06:13:25 edge[1]: {Request}");
        Look("<134>Nov 22 06:13:25 edge[1]: backend be has no server available!");
        Look("<134>Nov 22 06:13:25 sshd[1]: backend be has no server available!");
        TrafficSnapshot read = _counters.Insight.Read()!;
        Assert.That(read.Lines, Is.EqualTo(2));
        Assert.That(read.Unreadable.Single().Kind, Is.EqualTo(UnreadableKind.State));
    }

    [Test]
    public void Requests_and_sessions_are_counted_by_frontend_and_backend()
    {
        for (int n = 0; n < 3; n++) Look($"<134>Nov 22 06:13:25 haproxy[1]: {Request}");
        Look($"<134>Nov 22 06:13:25 haproxy[1]: {Session}");
        TrafficSnapshot read = _counters.Insight.Read()!;
        Assert.That(read.Frontends.Select(static f => (f.Name, f.Requests.Sum())), Is.EqualTo(new[] { ("www", 3L), ("tcpin", 1L) }));
        Assert.That(read.Backends.Single().Requests, Is.EqualTo(new long[] { 0, 0, 3, 0, 0, 0, 1 }));
        Assert.That(read.Frontends[1].Terminations[TerminationStates.NumberOf((byte)'S', (byte)'D')], Is.EqualTo(1));
        Assert.That((read.Frontends[0].ResponseTime.SumMilliseconds, read.Frontends[0].ActiveTime.SumMilliseconds), Is.EqualTo((120L, 1500L)));
        Assert.That((read.Frontends[1].ResponseTime.Missing, read.Frontends[1].ActiveTime.Missing), Is.EqualTo((0L, 0L)), "a session has no such times");
    }

    [Test]
    public void Names_that_change_from_line_to_line_and_from_lane_to_lane_have_their_own_counts()
    {
        string[] frontends = ["www", "www~", "web", "a-frontend-whose-name-takes-more-than-half-a-piece~"], backends = ["be", "be_app", "www"];
        LineInsight[] lanes = [_insight, new(_counters, _time)];
        Random random = new(23);
        Dictionary<string, long> served = [], requested = [];
        for (int n = 0; n < 20_000; n++)
        {
            // Often the names of the line before.
            string frontend = frontends[random.Next(3) == 0 ? random.Next(frontends.Length) : n / 100 % 4], backend = backends[random.Next(3) == 0 ? random.Next(backends.Length) : n / 70 % 3];
            bool isSession = random.Next(8) == 0;
            string names = $"192.0.2.1:48907 [22/Nov/2026:06:04:19.212] {frontend} {backend}/s ";
            string text = isSession ? $"{names}1/0/0 6 -- 1/1/0/0/0 0/0" : $"{names}1/2/3/40/500 200 98 - - ---- 2/2/0/0/0 0/0 \"GET /{new string('p', random.Next(60))} HTTP/1.1\"";
            SyslogParser.Parse(Encoding.ASCII.GetBytes($"<134>Nov 22 06:13:25 haproxy[1]: {text}"), HeaderFormat.Auto, out SyslogMessage message);
            LineInsight lane = lanes[random.Next(2)];
            lane.Look(message, truncated: false);
            if (random.Next(5) == 0) lane.EndBatch();
            string name = frontend.TrimEnd('~');
            served[name] = served.GetValueOrDefault(name) + 1;
            requested[backend] = requested.GetValueOrDefault(backend) + 1;
        }
        TrafficSnapshot read = _counters.Insight.Read()!;
        Assert.That(read.Frontends.ToDictionary(static frontend => frontend.Name, static frontend => frontend.Requests.Sum()), Is.EquivalentTo(served));
        Assert.That(read.Backends.ToDictionary(static backend => backend.Name, static backend => backend.Requests.Sum()), Is.EquivalentTo(requested));
    }

    [Test]
    public void An_unreadable_kind_has_its_first_line_as_an_example_and_the_time_of_its_last()
    {
        Look($"<134>Nov 22 06:13:25 haproxy[1]: {Session}");
        _time.Advance(TimeSpan.FromMinutes(1));
        Look($"<134>Nov 22 06:13:25 haproxy[1]: {Session.Replace("tcpin", "later", StringComparison.Ordinal)}");
        UnreadableSnapshot tcp = _counters.Insight.Read()!.Unreadable.Single();
        Assert.That((tcp.Kind, tcp.Count, tcp.Last), Is.EqualTo((UnreadableKind.TcpLog, 2L, _time.GetUtcNow().UtcDateTime)));
        Assert.That(tcp.Example, Does.StartWith("192.0.2.x:59372 ").And.Contain(" tcpin "));
    }

    [TestCase("<133>1 2026-11-22T06:34:32.766360+00:00 - haproxy 4364 - - 161 events dropped")]
    [TestCase("<133>1 2026-11-22T06:34:32.766360+00:00 - haproxy 4364 - - 161 events dropped\0")]
    [TestCase("<133>Nov 22 06:34:32 haproxy[4364]: 161 events dropped")]
    [TestCase("161 events dropped")]
    [TestCase("161 events dropped\0")]
    public void A_rings_notice_is_a_loss_before_us_in_every_form(string notice)
    {
        Look(notice);
        ListenerSnapshot read = _counters.Read();
        Assert.That((read.LostBefore![(int)LostBefore.RingDropped], read.LostBeforeTotal), Is.EqualTo((161L, 161L)));
        Assert.That(read.Insight!.Read()!.Unreadable.Single().Kind, Is.EqualTo(UnreadableKind.RingNotice));
    }

    [Test]
    public void Another_programs_notice_of_that_wording_is_no_loss()
    {
        Look("<133>Nov 22 06:34:32 auditd[4364]: 161 events dropped");
        Assert.That(_counters.Read().LostBeforeTotal, Is.Zero);
    }

    [Test]
    public void A_loss_that_is_seen_in_two_ways_counts_once_in_all()
    {
        _counters.AddLostBefore(LostBefore.RingDropped, 100);
        _counters.AddLostBefore(LostBefore.CounterGap, 130);
        Assert.That(_counters.Read().LostBeforeTotal, Is.EqualTo(130));
        _counters.AddLostBefore(LostBefore.DroppedLogs, 50);
        Assert.That(_counters.Read().LostBeforeTotal, Is.EqualTo(150));
    }

    [Test]
    public void Gaps_in_HAProxys_count_of_its_lines_are_losses_before_us()
    {
        for (int n = 0; n < 3 * CounterGaps.Round; n++)
            if (n is < 50 or >= 60) Look($"<134>Nov 22 06:13:25 haproxy[1]: {Request} lc={n}");
        Assert.That(_counters.Read().LostBefore![(int)LostBefore.CounterGap], Is.EqualTo(10));
    }

    [Test]
    public void Lines_cut_at_one_length_are_cut_by_their_sender()
    {
        for (int n = 0; n < 5; n++) Look(($"<134>Nov 22 06:13:25 haproxy[1]: {Request[..^10]}" + new string('/', 500))[..(n < 4 ? 300 : 280)]);
        TrafficSnapshot read = _counters.Insight.Read()!;
        Assert.That((read.CutLines, read.CutLengths.Single(), read.Unreadable.Single().Kind), Is.EqualTo((4L, 300, UnreadableKind.Truncated)));
    }

    [Test]
    public void Lines_that_this_server_has_cut_are_not_their_senders()
    {
        for (int n = 0; n < 5; n++) Look($"<134>Nov 22 06:13:25 haproxy[1]: {Request[..^10]}", truncated: true);
        Assert.That(_counters.Insight.Read()!.CutLines, Is.Zero);
    }

    [Test]
    public void The_corpus_allocates_nothing_once_its_names_are_known()
    {
        byte[][] frames = [.. Corpus.Messages.Select(static sample => sample.Frame)];
        Assert.That(
            Allocation.InSteadyState(() =>
            {
                foreach (byte[] frame in frames) Look(frame, truncated: false);
                _insight.EndBatch();
            }),
            Is.Zero);
        Assert.That(_counters.Insight.Read()!.Lines, Is.GreaterThan(500 * 35));
    }

    private void Look(string frame, bool truncated = false)
    {
        Look(Encoding.UTF8.GetBytes(frame), truncated);
        _insight.EndBatch();
    }

    private void Look(byte[] frame, bool truncated)
    {
        SyslogParser.Parse(frame, HeaderFormat.Auto, out SyslogMessage message);
        _insight.Look(message, truncated);
    }
}
