using System.Net;
using System.Text.Json;
using Concentrator.Accounting;
using Concentrator.Accounting.HAProxyTraffic;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Status;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>What the doctor repeats of what the running server has seen in HAProxy's lines.</summary>
internal sealed class InsightCheckTests
{
    private ManualTimeProvider _time = null!;
    private Ledger _ledger = null!;

    [SetUp]
    public void Create()
    {
        _time = new ManualTimeProvider();
        _ledger = new Ledger();
    }

    [Test]
    public void A_server_without_such_lines_has_nothing_to_say()
    {
        _ledger.Listener("haproxy");
        Assert.That(Look(), Is.Empty);
    }

    [Test]
    public void Losses_before_us_are_a_warning_by_reason()
    {
        _ledger.Listener("ring").AddLostBefore(LostBefore.RingDropped, 1353);
        _ledger.Listener("ring").AddLostBefore(LostBefore.DroppedLogs, 7);
        Diagnosis found = Look(toSekoia: false).Single();
        Assert.That((found.Verdict, found.Subject), Is.EqualTo((Verdict.Warn, "listener ring")));
        Assert.That(found.Finding, Is.EqualTo("messages were lost before they reached it: 1,353 (ring_dropped), 7 (haproxy_dropped_logs)"));
    }

    [Test]
    public void Lines_that_were_cut_are_a_warning_with_the_length()
    {
        foreach (int length in (int[])[1024, 1024, 1024]) Insight.AddUnfinished(length);
        Count(UnreadableKind.Truncated, example: null);
        Diagnosis found = Look(toSekoia: false).Single();
        Assert.That(found.Finding, Is.EqualTo("3 lines of HAProxy were cut at 1,024 bytes"));
        Assert.That(found.Remedy, Does.Contain("len 8192"));
    }

    [Test]
    public void Lines_that_Sekoia_does_not_read_are_a_warning_each_kind_with_its_example_and_remedy()
    {
        Count(UnreadableKind.TcpLog, "192.0.2.x:1 [22/Nov/2026:06:04:30.831] tcpin be/t1 1/0/0 6 -- 1/1/0/0/0 0/0");
        Count(UnreadableKind.Clf, "192.0.2.x - - […]");
        Diagnosis[] found = Look();
        Assert.That(found, Has.Length.EqualTo(2));
        Assert.That(found[0].Finding, Is.EqualTo(
            "1 lines that Sekoia.io's HAProxy parser does not read (tcplog), such as: 192.0.2.x:1 [22/Nov/2026:06:04:30.831] tcpin be/t1 1/0/0 6 -- 1/1/0/0/0 0/0"));
        Assert.That(found.Select(static one => one.Remedy), Is.EqualTo(new[] { UnreadableKind.TcpLog.Remedy(), UnreadableKind.Clf.Remedy() }));
        Assert.That(Look(toSekoia: false), Is.Empty, "nobody parses them");
    }

    [Test]
    public void What_HAProxy_cannot_write_otherwise_is_no_warning([Values(UnreadableKind.State, UnreadableKind.Uri)] UnreadableKind kind)
    {
        Count(kind, "Server be/s is DOWN");
        Diagnosis found = Look().Single();
        Assert.That(found.Verdict, Is.EqualTo(Verdict.Ok));
        Assert.That(found.Finding, Does.Contain("Server be/s is DOWN").And.Contain("no directive of HAProxy"));
    }

    [Test]
    public async Task The_running_server_is_asked()
    {
        using TempDirectory directory = new();
        using ServerProcess server = new ServerSetup(directory).Listen("haproxy", $"unix-dgram:{directory.Socket("log")}").File("out.log").Start();
        using (DatagramSender sender = DatagramSender.Unix(directory.Socket("log")))
            sender.Send("<134>Nov 22 06:13:25 haproxy[1]: 192.0.2.77:59372 [22/Nov/2026:06:04:30.831] tcpin be/t1 1/0/0 6 -- 1/1/0/0/0 0/0"u8);
        server.WaitForMetrics(static metrics => metrics.Sum("concentrator_haproxy_lines_total") == 1, "received");
        IReadOnlyList<Diagnosis> found = await new InsightCheck(toSekoia: true, DateTimeOffset.UtcNow).AskAsync(
            new MonitoringOptions { Address = new MonitoringAddress(new IPEndPoint(IPAddress.Loopback, server.MonitoringPort), null) }, CancellationToken.None);
        Assert.That(found.Single().Finding, Does.Contain("(tcplog), such as: 192.0.2.x:59372 "));
    }

    [Test]
    public void What_was_mended_a_day_ago_is_not_repeated()
    {
        Count(UnreadableKind.TcpLog, "x");
        _time.Advance(TimeSpan.FromHours(25));
        Assert.That(Look(), Is.Empty);
    }

    [Test]
    public void A_server_of_an_earlier_version_is_no_trouble()
    {
        using JsonDocument document = JsonDocument.Parse("""{"listeners":[{"name":"haproxy"}]}""");
        Assert.That(new InsightCheck(toSekoia: true, _time.GetUtcNow()).Look(document.RootElement), Is.Empty);
    }

    [Test]
    public void Every_remedy_is_one_sentence_that_names_a_directive()
    {
        foreach (UnreadableKind kind in UnreadableKinds.All)
        {
            Assert.That(kind.Remedy(), Does.EndWith(".").And.Matches("'(option|len|size|log-|maxlen|accept-proxy|%sslv)|no directive"), kind.Label());
            Assert.That(kind.Remedy(), Does.Not.Contain("\n").And.Not.Contain(". "), kind.Label());
        }
    }

    private TrafficInsight Insight => _ledger.Listener("haproxy").Insight;

    private void Count(UnreadableKind kind, string? example)
    {
        TrafficShard shard = Insight.Borrow();
        shard.AddLine();
        shard.AddUnreadable(kind);
        if (example is not null) Insight.Keep(kind, example);
        shard.Stamp(_time.GetUtcNow().UtcTicks);
        Insight.Return(shard);
    }

    private Diagnosis[] Look(bool toSekoia = true)
    {
        ServerView view = new(_ledger, new RecentEvents(new KeyMask()), _time);
        using JsonDocument document = JsonDocument.Parse(new StatusDocument(view, _time).Render());
        return [.. new InsightCheck(toSekoia, _time.GetUtcNow()).Look(document.RootElement)];
    }
}
