using System.Diagnostics;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// kill -9 at any moment. The test stands in for the service manager and holds the datagram socket, so that what is sent while
/// no server runs waits there; what a server has taken from it must be found again by the next.
/// </summary>
internal sealed class KillTests : FaultTests
{
    private const int Seed = 20261122;

    [TestCase(10)]
    [TestCase(100, Category = Soak, Explicit = true, Reason = FullSize)]
    public void Kill_9_at_random_moments_under_load_loses_nothing(int rounds)
    {
        TestContext.Out.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        using SysctlGuard queue = new(SysctlGuard.DatagramQueue);
        queue.TrySet(512);
        using TlsIntake intake = NewIntake(keepFrames: false);
        using SocketHolder holder = new();
        string path = Directory.Socket("log");
        holder.UnixDatagrams("in", path);
        object configuration = new
        {
            Listeners = new Dictionary<string, object> { ["in"] = new { Address = $"unix-dgram:{path}" } },
            Outputs = new { file = LogFile(Directory), sekoia = Relay(intake, Directory) },
        };

        ServerProcess server = Launch(configuration, binary: holder.Script(Directory));
        using CancellationTokenSource stop = new();
        Task<int> sending = Task.Factory.StartNew(
            () => SendUntil(path, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (int round = 0; round < rounds; round++)
        {
            // Most have work in all their queues when they die; some have not even started.
            if (random.Next(5) > 0) server.WaitUntilReady();
            Thread.Sleep(random.Next(1000));
            server.Kill();
            server = Launch(configuration, binary: holder.Script(Directory));
        }
        server.WaitUntilReady();
        stop.Cancel();
        int sent = sending.Result;
        Eventually.TryHold(() => intake.Sequence.Distinct >= sent, Deadline.Transfer);
        Assert.That(server.Stop(), Is.Zero, server.Describe());

        SequenceLedger lines = new();
        foreach (string line in File.ReadLines(Directory["out.log"])) lines.Record(System.Text.Encoding.UTF8.GetBytes(line));
        PrintLedger(sent, intake.Sequence, "relay: ");
        TestContext.Out.WriteLine($"file: {lines}, missing {lines.Missing(sent).Count}");
        Assert.That(intake.Sequence.Missing(sent), Is.Empty);
        Assert.That(lines.Missing(sent), Is.Empty);
    }

    /// <summary>As HAProxy does, without ever waiting; but a number that found no room is tried again.</summary>
    private static int SendUntil(string path, CancellationToken stop)
    {
        using HAProxyLikeSender sender = new(path, sendBuffer: 4 << 20);
        NumberedMessage message = NumberedMessage.LocalHttpLog;
        long start = Stopwatch.GetTimestamp();
        int sent = 0;
        while (!stop.IsCancellationRequested)
        {
            int due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * Rate);
            while (sent < due && sender.Send(message.Render(sent))) sent++;
            Thread.Sleep(1);
        }
        return sent;
    }
}
