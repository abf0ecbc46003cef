using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>A file system that is too small for its spool, or that somebody else fills.</summary>
[TestFixture]
internal sealed class DiskFreeSpaceTests : ServerTests
{
    private const string Free = "concentrator_spool_free_bytes";

    private readonly int _port = FreePort.Next();
    private TlsIntake _intake = null!;
    private TmpFs _disk = null!;

    [SetUp]
    public void MakeDisk()
    {
        _disk = new TmpFs(Directory["disk"], "100m");
        _intake = new TlsIntake(TestCertificates.Server, keepFrames: false);
    }

    [TearDown]
    public void EndDisk()
    {
        _intake.Dispose();
        _disk.Dispose();
    }

    [Test]
    public void A_spool_that_may_grow_larger_than_its_file_system_is_one_warning_that_says_what_would_be_right()
    {
        ServerProcess server = StartServer("1GB");
        IReadOnlyList<string> warnings = server.WaitForLine("Spool:MaxSize");
        TestContext.Out.WriteLine(string.Join('\n', warnings));
        Assert.That(warnings, Has.Count.EqualTo(1), server.Log);
        Assert.That(warnings[0], Does.Contain("WARN").And.Contain("1GB").And.Contain("1,073,741,824").And.Match("set Spool:MaxSize to [89][0-9]MB"));
        Assert.That(server.Metrics().Sum(Free), Is.Positive.And.LessThanOrEqualTo(100 << 20));
    }

    [Test]
    public void A_spool_that_fits_is_no_warning_also_when_it_has_taken_its_room_already()
    {
        _intake.Refuse();
        for (int run = 0; run < 2; run++)
        {
            ServerProcess server = StartServer("80MB");
            Assert.That(server.Log, Does.Not.Contain("Spool:MaxSize"));
            Send(run * 20_000, 20_000);
            server.WaitForMetrics(m => Queued(m) == (run + 1) * 20_000, "all are queued");
            Assert.That(server.Stop(), Is.Zero);
        }
    }

    [Test]
    public void A_queue_has_no_more_room_than_its_disk()
    {
        const string capacity = "concentrator_output_capacity_bytes";
        _intake.Refuse();
        ServerProcess server = StartServer("80MB");
        Assert.That(server.Metrics().Sum(capacity, ("output", "sekoia")), Is.EqualTo(80 << 20));
        string filler = Fill(leaving: 5 << 20);
        server.WaitForMetrics(static m => m.Sum(capacity, ("output", "sekoia")) is > 0 and < 30 << 20, "what memory holds is left, and the room taken before");
        File.Delete(filler);
        server.WaitForMetrics(static m => m.Sum(capacity, ("output", "sekoia")) == 80 << 20, "all of it again");
    }

    [Test]
    public void Below_the_reserve_nothing_stored_is_dropped_memory_takes_over_and_all_arrives_when_there_is_room_again()
    {
        _intake.Refuse();
        ServerProcess server = StartServer("8MB");
        Send(0, 2000);
        server.WaitForMetrics(m => Queued(m) == 2000, "all are queued");
        string filler = Fill(leaving: 5 << 20);
        server.WaitForLine("reserved for other programs, so the spool does not grow");
        double low = server.Metrics().Sum(Free);
        Assert.That(low, Is.LessThanOrEqualTo(5 << 20));

        // More than the segment being filled has room for.
        Send(2000, 6000);
        server.WaitForMetrics(m => Queued(m) == 8000, "all are queued");
        server.WaitForLine("cannot be written: its file system has");
        Assert.That(server.Metrics().Sum(Free), Is.GreaterThan(low - (1 << 20)), "what is left to others stays theirs");

        File.Delete(filler);
        server.WaitForLine("the spool can grow");
        Send(8000, 1000);
        server.WaitForLine("writing resumed");
        _intake.Listen();
        MetricsSnapshot end = server.WaitForMetrics(m => Queued(m) == 0, "all is delivered", Deadline.Transfer);
        Assert.That(end.Sum("concentrator_output_dropped_messages_total"), Is.Zero);
        _intake.Sequence.AssertComplete(9000);
        Assert.That(_intake.Sequence.OutOfOrder, Is.Zero);
        foreach (string line in (string[])["the spool does not grow", "the spool can grow", "cannot be written", "writing resumed"])
            Assert.That(server.LogLines.Count(l => l.Contains(line, StringComparison.Ordinal)), Is.EqualTo(1), line);
        TestContext.Out.WriteLine(server.Log);
    }

    private static double Queued(MetricsSnapshot metrics) => metrics.Sum("concentrator_output_queued_messages", ("output", "sekoia"));

    private ServerProcess StartServer(string maxSize) => Start(
        new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{_port}" } },
            Outputs = new { sekoia = Relay($"localhost:{_intake.Port}", Directory) },
            Spool = new { MaxSize = maxSize, MaxMemory = "4MB" },
            ShutdownTimeout = "00:00:02",
        },
        environment: new Dictionary<string, string?> { ["CONCENTRATOR__Spool__Directory"] = Path.Combine(_disk.Path, "spool") });

    private string Fill(long leaving)
    {
        string filler = Path.Combine(_disk.Path, "filler");
        using FileStream file = File.Create(filler);
        byte[] megabyte = new byte[1 << 20];
        while (new DriveInfo(_disk.Path).AvailableFreeSpace > leaving) file.Write(megabyte);
        return filler;
    }

    private void Send(int first, int count)
    {
        using StreamSender sender = StreamSender.Tcp(_port, Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, first, count);
        sender.FinishSending();
    }
}
