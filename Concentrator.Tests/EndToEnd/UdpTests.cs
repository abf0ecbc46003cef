using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

internal sealed class UdpTests : ServerTests
{
    [Test]
    public void What_the_kernel_drops_is_counted_to_the_last_datagram()
    {
        const int count = 5000;
        int port = FreePort.Next();
        ServerProcess server = Start(new
        {
            Listeners = new { udp = new { Address = $"udp://127.0.0.1:{port}", ReceiveBuffer = "16KB" } },
            Outputs = new { file = LogFile(Directory) },
        });
        using DatagramSender sender = DatagramSender.Udp(port);

        // A stopped process reads nothing, so the buffer is certain to run over.
        server.Send(Signal.Stop);
        sender.Send(NumberedMessage.HttpLog, 0, count);
        server.Send(Signal.Cont);

        // The kernel tells its count with the next datagram that it takes.
        server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") > 0, "what had room is read");
        int sent = count;
        MetricsSnapshot metrics = server.Metrics();
        Eventually.Holds(
            () =>
            {
                sender.Send(NumberedMessage.HttpLog, sent++, 1);
                metrics = server.Metrics();
                return Received(metrics) + Dropped(metrics) == sent;
            },
            "sent = received + dropped by the kernel", null, () => $"sent {sent}, received {Received(metrics)}, dropped {Dropped(metrics)}");
        Assert.That(Dropped(metrics), Is.Positive);
        server.WaitForLine("the kernel dropped");
    }

    [Test]
    public void Where_the_kernel_cannot_count_what_it_drops_that_is_said_once_and_messages_arrive()
    {
        int port = FreePort.Next();
        ServerProcess server = WithoutSocketOption.Run(WithoutSocketOption.ReceiveQueueOverflow, () => Launch(new
        {
            Listeners = new { udp = new { Address = $"udp://127.0.0.1:{port}" } },
            Outputs = new { file = LogFile(Directory) },
        }));
        server.WaitUntilReady();
        using DatagramSender sender = DatagramSender.Udp(port);
        sender.Send(NumberedMessage.HttpLog, 0, 100);
        WaitForLines(Directory["out.log"], 100);
        Assert.That(server.WaitForLine("listener udp: this kernel does not report how many datagrams it drops"), Has.Count.EqualTo(1), server.Log);
    }

    [Test]
    public void This_hosts_name_stands_in_for_the_missing_one_of_a_loopback_sender()
    {
        int four = FreePort.Next(), six = FreePort.Next(), both = FreePort.Next();
        ServerProcess server = Start(new
        {
            Listeners = new
            {
                four = new { Address = $"udp://0.0.0.0:{four}" },
                six = new { Address = $"udp://[::1]:{six}" },
                both = new { Address = $"udp://[::]:{both}" },
            },
            Outputs = new { file = LogFile(Directory) },
        });
        string host = Lines.ThisHost;
        foreach ((int port, bool ipv6, string name) in new[] { (four, false, "v4"), (six, true, "v6"), (both, false, "mapped"), (both, true, "v6 of both") })
        {
            using DatagramSender sender = DatagramSender.Udp(port, ipv6);
            sender.Send(System.Text.Encoding.ASCII.GetBytes($"<134>Nov 22 06:13:25 haproxy[32177]: {name}"));
            Eventually.Holds(
                () => File.Exists(Directory["out.log"])
                    && File.ReadLines(Directory["out.log"]).Any(line => line.EndsWith($" {host} haproxy[32177]: {name}", StringComparison.Ordinal)),
                $"a line with {host} and {name}", null, server.Describe);
        }
    }

    private static double Received(MetricsSnapshot metrics) => metrics.Sum("concentrator_received_messages_total");

    private static double Dropped(MetricsSnapshot metrics) => metrics.Sum("concentrator_kernel_dropped_datagrams_total");
}
