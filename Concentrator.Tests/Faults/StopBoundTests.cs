using System.Diagnostics;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>A stop takes no longer than <c>ShutdownTimeout</c>, whatever hangs.</summary>
internal sealed class StopBoundTests : FaultTests
{
    /// <summary>Long enough that a second more is not the machine's.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(6);

    [Test]
    public void A_stop_with_a_stalled_intake_a_stuck_file_endless_senders_and_a_kept_page_ends_in_time()
    {
        using TlsIntake intake = new(TestCertificates.Server, keepFrames: false, receiveBuffer: 4096);
        intake.Stall();

        // A pipe that is open and full: a write to it never ends.
        string stuck = Directory["stuck.log"];
        PeerProcess.Run(new PeerStart { Path = "/usr/bin/mkfifo", Arguments = [stuck] });
        using FileStream reader = new(stuck, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        reader.Write(new byte[65_536]);
        reader.Flush();
        ServerProcess server = Start(
            new
            {
                Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{Port}" } },
                Outputs = new
                {
                    sekoia = Relay(intake, Directory),
                    stuck = new { Type = "file", Path = stuck },
                },
                Spool = new { Durability = "memory", WhenFull = "block", MaxMemory = "1MB", MaxSize = "1MB" },
                ShutdownTimeout = Timeout.ToString(),
            });
        using SteadyLoad load = StartLoad(perSecond: 5000);
        using HttpClient scraper = new();
        _ = scraper.GetStringAsync(new Uri($"http://127.0.0.1:{server.MonitoringPort}/metrics")).Result;
        server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") > 5000, "it is under load");
        Thread.Sleep(500);
        server.Send(Signal.Term);
        long began = Stopwatch.GetTimestamp();
        Assert.That(server.WaitForExit(Deadline.Transfer), Is.Zero);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        TestContext.Out.WriteLine($"{took.TotalSeconds:0.0} s of {Timeout.TotalSeconds:0}\n{string.Join('\n', server.LogLines.TakeLast(12))}");
        Assert.That(took, Is.LessThan(Timeout + TimeSpan.FromSeconds(0.5)));
    }
}
