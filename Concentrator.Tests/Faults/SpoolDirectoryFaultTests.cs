using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>What people and file systems do to the spool's directory while the server runs. A full one: <see cref="DiskQueueTests"/>.</summary>
internal sealed class SpoolDirectoryFaultTests : FaultTests
{
    /// <summary>Messages a second, so that the spool holds all that comes in a test.</summary>
    private const int Slow = 5000;

    private TlsIntake _intake = null!;

    [SetUp]
    public void MakeIntake()
    {
        _intake = NewIntake(keepFrames: false);
        _intake.Refuse();
    }

    [TearDown]
    public void EndIntake() => _intake.Dispose();

    [Test]
    public void A_removed_directory_is_said_and_made_again_and_what_follows_survives_kill_9()
    {
        ServerProcess server = StartServer();
        SteadyLoad load = StartLoad(perSecond: Slow);
        Thread.Sleep(500);
        System.IO.Directory.Delete(Directory["spool/sekoia"], recursive: true);
        server.WaitForLine("sekoia was removed");
        server.WaitForLine("writing resumed");
        int sent = load.Stop();

        // What the directory held is in memory as well, and is delivered from there.
        _intake.Listen();
        WaitForDelivered(server, sent);
        PrintLedger(sent, _intake.Sequence);
        _intake.Sequence.AssertComplete(sent);

        _intake.Refuse();
        SteadyLoad more = StartLoad(perSecond: Slow, first: sent);
        Thread.Sleep(500);
        int all = sent + more.Stop();
        WaitForQueued(server, all - sent);
        Assert.That(System.IO.Directory.GetFiles(Directory["spool/sekoia"], "*.segment"), Is.Not.Empty);
        server.Kill();
        _intake.Listen();
        ServerProcess next = StartServer();
        _intake.Sequence.AssertNothingMissing(all);
        PrintLedger(all, _intake.Sequence);
        Assert.That(next.Log, Does.Not.Contain("was removed"));
    }

    [Test]
    public void A_directory_that_becomes_read_only_is_said_memory_takes_over_and_writing_resumes()
    {
        ServerProcess server = StartServer();
        SteadyLoad load = StartLoad(perSecond: Slow);
        Thread.Sleep(500);
        using (new ReadOnlyMount(Directory["spool/sekoia"]))
        {
            server.WaitForLine("Read-only file system");
            Thread.Sleep(500);
        }
        server.WaitForLine("writing resumed");
        int sent = load.Stop();
        WaitForQueued(server, sent);
        _intake.Listen();
        WaitForDelivered(server, sent);
        PrintLedger(sent, _intake.Sequence);
        _intake.Sequence.AssertComplete(sent);
        Assert.That(_intake.Sequence.OutOfOrder, Is.Zero);
        Assert.That(server.LogLines.Count(static l => l.Contains("cannot be written", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    /// <summary>Segments of 2 MB: a new file is needed about every second.</summary>
    private ServerProcess StartServer() => Start(new
    {
        Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{Port}" } },
        Outputs = new { sekoia = Relay(_intake, Directory) },
        Spool = new { MaxSize = "16MB" },
    });
}
