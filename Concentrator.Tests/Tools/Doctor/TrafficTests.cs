using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>The present rate, asked of a running server.</summary>
internal sealed class TrafficTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    [Test]
    public async Task The_rate_is_that_of_the_running_server_by_listener()
    {
        using PlantedHost host = new();
        using ServerProcess server = Start(host);
        using HAProxyLoad load = new(host.Temp["busy"], perSecond: 2000, sendBuffer: 1 << 20);
        server.WaitForMetrics(static metrics => metrics.Sum("concentrator_received_messages_total", ("listener", "busy")) > 0, "messages arrive");
        Traffic traffic = await MeasureUntil(server, static traffic => traffic.Total >= 1);
        Assert.Multiple(() =>
        {
            Assert.That(traffic.IsMeasured);
            Assert.That(traffic.RateOf("busy"), Is.EqualTo(traffic.Total));
            Assert.That(traffic.TimeFor("busy", 100), Does.Contain("(the current rate)"));
            Assert.That(traffic.RateOf("quiet"), Is.EqualTo(Traffic.Assumed));
            Assert.That(traffic.TimeFor("quiet", 100), Does.Contain("10 ms of traffic at 10,000 msg/s (assumed: no messages arrive at present)"));
        });

        // What came before counts no more.
        load.Stop();
        traffic = await MeasureUntil(server, static traffic => traffic.Total < 1);
        Assert.That(traffic.RateOf("busy"), Is.EqualTo(Traffic.Assumed));
    }

    [Test]
    public async Task Without_a_server_ten_thousand_a_second_are_assumed_and_that_is_said()
    {
        Traffic traffic = await Traffic.MeasureAsync(At(FreePort.Next()), Interval, CancellationToken.None);
        Assert.That(traffic.IsMeasured, Is.False);
        Assert.That(traffic.TimeFor("haproxy", 100), Does.Contain("10 ms of traffic at 10,000 msg/s (assumed: no server answers at 127.0.0.1:"));
        traffic = await Traffic.MeasureAsync(null, Interval, CancellationToken.None);
        Assert.That(traffic.TimeFor("haproxy", 100), Does.Contain("(assumed: Monitoring is off)"));
    }

    [Test]
    public async Task A_server_that_is_not_ready_fails_with_its_reasons()
    {
        using PlantedHost host = new();
        Directory.CreateDirectory(host.Temp["out.log"]);
        using ServerProcess server = new ServerSetup(host.Temp).Listen("busy", $"unix-dgram:{host.Temp["busy"]}").File("out.log").Start();
        using HAProxyLoad load = new(host.Temp["busy"], perSecond: 100, sendBuffer: 1 << 20);
        Eventually.Holds(() => server.Status("/readyz") == 503, "the file cannot be written", detail: server.Describe);
        Traffic traffic = await Measure(server);
        new ServerCheck(At(server.MonitoringPort).Address, traffic, host.Host.StartServer).Look().Says(
            Verdict.Fail, $"is not ready: file out.log: {host.Temp["out.log"]} cannot be written: ", "journalctl -u concentrator");
    }

    [Test]
    public async Task A_queue_raised_after_the_servers_start_is_warned_of()
    {
        using PlantedHost host = new();
        string file = host.Temp.Write("sysctl.d/99-mine.conf", "net.unix.max_dgram_qlen = 16384\n");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-1));
        using ServerProcess server = Start(host);
        Traffic traffic = await Measure(server);
        Look().IsWell();
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));
        Look().Says(Verdict.Warn, $"{file} was changed after the server started", "systemctl restart concentrator");

        IEnumerable<Diagnosis> Look() => new KernelQueueCheck(host.Host, Findings.UnixListener(host.Temp["busy"]), null, traffic).Look();
    }

    private static ServerProcess Start(PlantedHost host) => new ServerSetup(host.Temp)
        .Listen("busy", $"unix-dgram:{host.Temp["busy"]}").Listen("quiet", $"unix-dgram:{host.Temp["quiet"]}").File("out.log").Start();

    private static async Task<Traffic> MeasureUntil(ServerProcess server, Func<Traffic, bool> condition)
    {
        Traffic traffic = await Measure(server);
        for (int further = 0; further < 30 && !condition(traffic); further++) traffic = await Measure(server);
        Assert.That(condition(traffic), $"at last {traffic.Total} msg/s");
        return traffic;
    }

    private static Task<Traffic> Measure(ServerProcess server) =>
        Traffic.MeasureAsync(At(server.MonitoringPort), Interval, CancellationToken.None);

    private static MonitoringOptions At(int port) => new() { Address = new MonitoringAddress(new IPEndPoint(IPAddress.Loopback, port), null) };
}
