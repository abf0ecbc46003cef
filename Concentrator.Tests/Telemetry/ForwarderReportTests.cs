using System.Net;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Statistics;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

/// <summary>The objects that the forwarder's dashboards read, field for field.</summary>
[TestFixture]
internal sealed class ForwarderReportTests
{
    private static readonly ServerOptions Options = new()
    {
        Listeners = [Listener("Techno1", Transport.Tcp, 20516), Listener("Techno2", Transport.Udp, 20517), Listener("Techno3", Transport.Tls, 20518)],
        Outputs =
        [
            new RelayOutputOptions { Name = "Techno1", Endpoints = new RelayEndpoints([new RelayEndpoint("intake.sekoia.io", 10514)]) },
            new FileOutputOptions { Name = "debug.stdout", Path = "/dev/stdout" },
        ],
        Routes = [],
    };

    private static readonly ForwarderReading Earlier = new()
    {
        Listeners = [new ListenerSnapshot { Name = "Techno1", Received = 100, Routed = 100, Malformed = 7 }],
        Outputs =
        [
            new OutputSnapshot
            {
                Name = "Techno1", Accepted = 100, Delivered = 60, Queued = 38, Dropped = [1, 0, 1, 0, 0], DeliveredBytes = 6000,
                SpooledMessages = 30, TimesFull = 1, TimesDiskFull = 2, Outages = new OutageSnapshot(1, 1, TimeSpan.FromSeconds(9)),
            },
        ],
    };

    private static readonly ForwarderReading Later = new()
    {
        Listeners =
        [
            new ListenerSnapshot { Name = "Techno1", Received = 150, Routed = 149, Unrouted = 1, Malformed = 9, Truncated = 3 },
            new ListenerSnapshot { Name = "Techno2", Received = 20, Routed = 20, KernelDropped = 4 },
        ],
        Outputs =
        [
            new OutputSnapshot
            {
                Name = "Techno1", Accepted = 150, Delivered = 130, Queued = 10, Dropped = [5, 2, 2, 1, 0], DeliveredBytes = 13000, SpooledMessages = 75,
                StoredMessages = 8, MostStored = 40, MostQueued = 45, TimesFull = 3, TimesDiskFull = 7,
                Outages = new OutageSnapshot(3, 2, TimeSpan.FromSeconds(71.9)),
            },
        ],
        UserTime = TimeSpan.FromSeconds(1.5),
        SystemTime = TimeSpan.FromMilliseconds(250),
        PeakMemory = 40 * 1024 * 1024,
        OpenFiles = 123,
    };

    private static readonly string[] Expected =
    [
        """{"name":"input-techno1(20516)","origin":"imtcp","submitted":50,"received":50,"routed":49,"unrouted":1,"malformed":2,"truncated":3,"kernel.dropped":0}""",
        """{"name":"input-techno2(*/20517/IPv4)","origin":"imudp","submitted":20,"disallowed":0,"received":20,"routed":20,"unrouted":0,"malformed":0,"truncated":0,"kernel.dropped":4}""",
        """{"name":"input-techno3(20518)","origin":"imtcp","submitted":0,"received":0,"routed":0,"unrouted":0,"malformed":0,"truncated":0,"kernel.dropped":0}""",
        """{"name":"output-techno1","origin":"core.action","processed":70,"failed":8,"suspended":2,"suspended.duration":62,"resumed":1,"accepted":50,"delivered":70,"queued":10,"dropped":8}""",
        """{"name":"ruleset-techno1","origin":"core.queue","size":10,"enqueued":50,"full":2,"discarded.full":6,"discarded.nf":2,"maxqsize":45}""",
        """{"name":"ruleset-techno1[DA]","origin":"core.queue","size":8,"enqueued":45,"full":5,"discarded.full":0,"discarded.nf":0,"maxqsize":40}""",
        """{"name":"TCP-intake.sekoia.io-10514","origin":"omfwd","bytes.sent":7000}""",
        """{"name":"resource-usage","origin":"impstats","utime":1500000,"stime":250000,"maxrss":40960,"openfiles":123}""",
    ];

    [Test]
    public void Counts_since_the_last_report_have_the_forwarders_names_and_ours_behind_them() =>
        Assert.That(ForwarderReport.Compose(Earlier, Later, Options).Select(Encoding.UTF8.GetString), Is.EqualTo(Expected));

    [Test]
    public void An_outage_counts_once_however_often_it_is_met()
    {
        OutputCounters counters = new("relay", isRelay: true, capacity: 1);
        counters.Connected();
        Assert.That(counters.Read().Outages, Is.EqualTo(new OutageSnapshot(0, 0, TimeSpan.Zero)));

        counters.Disconnected();
        counters.Outages.Begin();
        Assert.That(counters.Read().Outages, Has.Property("Began").EqualTo(1).And.Property("Ended").EqualTo(0));

        counters.Connected();
        TimeSpan duration = counters.Read().Outages.Duration;
        Assert.That(counters.Read().Outages, Is.EqualTo(new OutageSnapshot(1, 1, duration)), "it grows no more");
    }

    [Test]
    public void The_running_process_is_read()
    {
        ForwarderReading now = ForwarderReading.Take(new Ledger());

        Assert.That(now.UserTime, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(now.PeakMemory, Is.GreaterThan(1024 * 1024));
        Assert.That(now.OpenFiles, Is.GreaterThan(2));
    }

    private static ListenerOptions Listener(string name, Transport transport, int port) =>
        new() { Name = name, Address = new ListenAddress(transport, null, new IPEndPoint(IPAddress.IPv6Any, port)) };
}
