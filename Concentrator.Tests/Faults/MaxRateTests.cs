using System.Diagnostics;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>An intake that comes back is not met by a whole backlog at once, where the operator says so.</summary>
[TestFixture]
internal sealed class MaxRateTests : ServerTests
{
    private const int Backlog = 20_000;
    private const int Live = 2_000;
    private const int Rate = 1024 * 1024;

    [Test]
    public void A_backlog_is_drained_at_the_rate_given_in_order_and_live_traffic_queues_behind_it()
    {
        int port = FreePort.Next();
        using TlsIntake intake = NewIntake(keepFrames: false);
        intake.Refuse();
        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}" } },
            Outputs = new
            {
                sekoia = new
                {
                    Type = "syslog-tls",
                    Endpoint = $"localhost:{intake.Port}",
                    IntakeKey,
                    MaxRate = "1MB",
                    Tls = new { CaFile = TestCertificates.Authority.WritePem(Directory.Path, "ca.crt") },
                },
            },
        });
        using StreamSender sender = StreamSender.Tcp(port, Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, 0, Backlog);
        double bytes = server.WaitForMetrics(m => Of(m, "queued_messages") == Backlog, "the backlog is queued", Deadline.Transfer)
            .Sum("concentrator_output_queued_bytes", ("output", "sekoia"));

        // From frame to frame: the relay's pause before it connects is none of the rate's.
        long begun = 0, ended = 0;
        intake.OnFrame = (_, _) =>
        {
            if (begun == 0) begun = Stopwatch.GetTimestamp();
            if (intake.FrameCount == Backlog - 1) ended = Stopwatch.GetTimestamp();
        };
        intake.Listen();
        Eventually.Holds(() => intake.FrameCount > 0, "the relay is back", Deadline.Process, server.Describe);
        sender.Send(NumberedMessage.HttpLog, Backlog, Live);
        MetricsSnapshot meanwhile = server.WaitForMetrics(m => Of(m, "accepted_messages_total") == Backlog + Live, "live traffic is accepted");
        TestContext.Out.WriteLine($"live traffic accepted with {Of(meanwhile, "queued_messages")} queued");
        Eventually.Holds(() => intake.FrameCount >= Backlog, "the backlog is delivered", Deadline.Transfer, server.Describe);
        TimeSpan took = Stopwatch.GetElapsedTime(begun, ended);

        // The credit, a block, and a second by which a busy machine may have been late with the first frame.
        double least = bytes / Rate - 0.25 - 65536.0 / Rate - 1;
        TestContext.Out.WriteLine($"{bytes:N0} bytes at {Rate:N0} a second: {took.TotalSeconds:0.00} s, at least {least:0.00} s");
        Assert.That(took.TotalSeconds, Is.GreaterThan(least));

        server.WaitForMetrics(m => Of(m, "delivered_messages_total") == Backlog + Live, "all is delivered", Deadline.Transfer);
        intake.Sequence.AssertComplete(Backlog + Live);
        Assert.That(intake.Sequence.OutOfOrder, Is.Zero);
    }

    private static double Of(MetricsSnapshot metrics, string what) => metrics.Sum($"concentrator_output_{what}", ("output", "sekoia"));
}
