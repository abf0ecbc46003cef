using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>Outputs are independent, and none of them ever stops the reading.</summary>
internal sealed class DeadOutputTests : ServerTests
{
    private const int Count = 20_000;

    [Test]
    public void Dead_outputs_delay_neither_the_others_nor_the_reading()
    {
        int port = FreePort.Next();
        using TlsIntake alive = NewIntake(keepFrames: false);
        using TlsIntake stalled = new(TestCertificates.Server, keepFrames: false, receiveBuffer: 4096);
        stalled.Stall();
        File.CreateSymbolicLink(Directory["full.log"], "/dev/full");
        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}" }, dgram = new { Address = $"unix-dgram:{Directory.Socket("log")}" } },
            Outputs = new
            {
                full = LogFile(Directory, "full.log"),
                refused = Relay($"localhost:{FreePort.Next()}", Directory),
                stalled = Relay(stalled, Directory),
                file = LogFile(Directory),
                alive = Relay(alive, Directory),
            },
            Spool = new { MaxMemory = "2MB", MaxSize = "2MB" },
        });

        // A batch is small and a good output never falls behind by 2 MB: the sender waits for it now and then.
        using StreamSender sender = StreamSender.Tcp(port, Framing.OctetCounted);
        using DatagramSender local = DatagramSender.Unix(Directory["log"]);
        for (int sent = 0; sent < Count; sent += 1000)
        {
            sender.Send(NumberedMessage.HttpLog, sent, 500);
            local.Send(NumberedMessage.HttpLog, sent + 500, 500);
            int expected = sent + 1000;
            Eventually.Holds(() => alive.Sequence.Distinct >= expected, $"{expected} messages at the intake that lives");
            server.WaitForMetrics(m => Of(m, "delivered", "file") >= expected, $"{expected} messages in the file");
        }

        alive.Sequence.AssertComplete(Count);
        Assert.That(WaitForLines(Directory["out.log"], Count), Has.Count.EqualTo(Count));
        MetricsSnapshot metrics = server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == Count, "all are counted");
        using IDisposable scope = Assert.EnterMultipleScope();
        foreach (string dead in new[] { "full", "refused", "stalled" })
        {
            Assert.That(Of(metrics, "accepted", dead), Is.EqualTo(Count), dead);
            Assert.That(metrics.Sum("concentrator_output_queued_bytes", ("output", dead)), Is.LessThanOrEqualTo(5 << 20), dead);
            Assert.That(metrics.Sum("concentrator_output_dropped_messages_total", ("output", dead)), Is.Positive, dead);
        }
        foreach (string good in new[] { "file", "alive" })
            Assert.That(metrics.Sum("concentrator_output_dropped_messages_total", ("output", good)), Is.Zero, good);
        Assert.That(server.WaitForLine("full.log cannot be written"), Has.Count.EqualTo(1));

        stalled.Resume();
        Eventually.Holds(() => Of(server.Metrics(), "queued", "stalled") == 0, "a stalled intake that reads again gets what is left");
    }

    private static double Of(MetricsSnapshot metrics, string what, string output) =>
        metrics.Sum($"concentrator_output_{what}_messages{(what == "queued" ? "" : "_total")}", ("output", output));
}
