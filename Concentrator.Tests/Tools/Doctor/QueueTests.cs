using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>What the kernel's settings mean in milliseconds of traffic (docs/reference/haproxy.md, Datagrams), and which of them warn.</summary>
internal sealed class QueueTests
{
    private static readonly Version Debian12 = new(2, 6, 12);
    private static readonly Traffic NoServer = Traffic.Unknown("assumed: no server answers");

    private PlantedHost _host = null!;

    [SetUp]
    public void Plant() => _host = new PlantedHost();

    [TearDown]
    public void Remove() => _host.Dispose();

    [TestCase(10, Verdict.Fail, "1.1 ms of traffic at 10,000 msg/s (assumed: no server answers)")]
    [TestCase(512, Verdict.Warn, "51.3 ms")]
    [TestCase(16384, Verdict.Ok, "1,638.5 ms")]
    public void The_queues_length_is_told_in_milliseconds(int length, Verdict verdict, string finding)
    {
        _host.Set(KernelQueueCheck.QueueLength, length);
        Diagnosis found = Look(sender: null).Single();
        Assert.That(found.Finding, Does.Contain(finding));
        Assert.That(found.Verdict, Is.EqualTo(verdict));
        Assert.That(found.Remedy, verdict == Verdict.Ok ? Is.Null : Does.StartWith("concentrator doctor --fix && sysctl --system && systemctl restart concentrator"));
    }

    [TestCase(212_992, 1, Verdict.Warn, "16.6 ms", TestName = "The kernel's default buffer holds 166 lines a thread")]
    [TestCase(100_000, 1, Verdict.Fail, "7.8 ms")]
    [TestCase(8_388_608, 2, Verdict.Ok, "1,310.6 ms")]
    public void A_HAProxy_without_a_buffer_of_its_own_has_the_kernels_default(long bytes, int threads, Verdict verdict, string finding)
    {
        _host.Set("net.core.wmem_default", bytes);
        Diagnosis found = Look(new QueueSender(threads, null, Debian12)).Last();
        Assert.That(found.Subject, Is.EqualTo("net.core.wmem_default"));
        Assert.That(found.Finding, Does.Contain(finding));
        Assert.That(found.Verdict, Is.EqualTo(verdict));
        if (verdict != Verdict.Ok) Assert.That(found.Remedy, Does.Not.Contain("tune.sndbuf"), "this HAProxy does not know it");
    }

    [Test]
    public void A_HAProxy_that_knows_tune_sndbuf_backend_is_told_to_use_it()
    {
        _host.Set("net.core.wmem_default", 212_992);
        Look(new QueueSender(1, null, new Version(3, 2, 0))).Skip(1).Says(Verdict.Warn, "166 lines", "tune.sndbuf.backend 8388608");
    }

    [Test]
    public void Its_own_buffer_counts_twice_and_no_further_than_wmem_max()
    {
        _host.Set("net.core.wmem_max", 212_992);
        Look(new QueueSender(1, 8_388_608, new Version(3, 2, 0))).Skip(1).Says(Verdict.Warn, "limited by net.core.wmem_max = 212992): 425,984 bytes", KernelQueueCheck.Remedy(_host.Host));
        _host.Set("net.core.wmem_max", 8_388_608);
        Look(new QueueSender(1, 8_388_608, new Version(3, 2, 0))).Skip(1).IsWell();
    }

    [Test]
    public void A_long_queue_is_of_no_use_to_a_small_buffer_and_the_other_way_round()
    {
        _host.Set("net.core.wmem_default", 8_388_608);
        _host.Set(KernelQueueCheck.QueueLength, 10);
        Assert.That(Look(new QueueSender(4, null, Debian12)).Select(static found => found.Verdict), Is.All.EqualTo(Verdict.Fail));
        _host.Set("net.core.wmem_default", 10_000);
        _host.Set(KernelQueueCheck.QueueLength, 16_384);
        Assert.That(Look(new QueueSender(4, null, Debian12)).Select(static found => found.Verdict), Is.EqualTo([Verdict.Ok, Verdict.Fail]));
    }

    [Test]
    public void A_setting_that_cannot_be_read_is_said()
    {
        Directory.Delete(_host.Temp["proc/sys"], recursive: true);
        Look(sender: null).Says(Verdict.Warn, "cannot be read", "sysctl net.unix.max_dgram_qlen");
    }

    [Test]
    public void A_UDP_listener_that_asks_for_more_than_rmem_max_is_warned_of()
    {
        ListenerOptions udp = new() { Name = "udp", Address = new ListenAddress(Transport.Udp, null, new IPEndPoint(IPAddress.Any, 514)) };
        new ReceiveBufferCheck(_host.Host, [udp]).Look().IsWell();
        _host.Set(ReceiveBufferCheck.Setting, 212_992);
        new ReceiveBufferCheck(_host.Host, [udp]).Look().Says(Verdict.Warn, "listener udp asks for 16,777,216 bytes", "sysctl -w net.core.rmem_max=16777216");
        new ReceiveBufferCheck(_host.Host, [Findings.UnixListener("/log")]).Look().IsWell();
    }

    private IEnumerable<Diagnosis> Look(QueueSender? sender) => new KernelQueueCheck(_host.Host, Findings.UnixListener("/log"), sender, NoServer).Look();
}
