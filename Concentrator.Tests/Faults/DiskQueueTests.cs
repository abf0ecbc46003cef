using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>What the spool on disk promises of the running server: each test is one fault, and prints its ledger.</summary>
[TestFixture]
internal sealed class DiskQueueTests : ServerTests
{
    private const int Many = 20_000;

    private int _port;
    private TlsIntake _intake = null!;

    [SetUp]
    public void MakeIntake()
    {
        _port = FreePort.Next();
        _intake = new TlsIntake(TestCertificates.Server, keepFrames: false);
    }

    [TearDown]
    public void EndIntake() => _intake.Dispose();

    [TestCase("process")]
    [TestCase("power")]
    public void Kill_9_loses_nothing_of_what_was_queued(string durability)
    {
        _intake.Refuse();
        ServerProcess killed = StartServer(new { Durability = durability });
        Send(0, Many);
        WaitForQueued(killed, Many);
        WaitUntilWritten();
        killed.Kill();

        _intake.Listen();
        ServerProcess next = StartServer(new { Durability = durability });
        WaitForDelivered(next, Many);
        _intake.Sequence.AssertComplete(Many);
        next.WaitForLine($"{Many} undelivered messages");
    }

    [Test]
    public void Kill_9_while_the_relay_sends_loses_nothing_and_repeats_the_last_seconds_at_most()
    {
        ServerProcess killed = StartServer(new { });
        Send(0, Many);
        WaitForPassedOn(killed, Many);
        killed.Kill();
        ServerProcess next = StartServer(new { });
        Send(Many, Many);
        WaitForPassedOn(next, Many);
        _intake.Sequence.AssertNothingMissing(2 * Many);
        TestContext.Out.WriteLine($"duplicates: {_intake.Sequence.Duplicates}");
        Print(next);
    }

    [Test]
    public void A_clean_stop_leaves_the_rest_to_the_next_start_and_repeats_nothing()
    {
        _intake.Refuse();
        ServerProcess first = StartServer(new { });
        Send(0, Many);
        WaitForQueued(first, Many);
        Assert.That(first.Stop(), Is.Zero);
        _intake.Listen();
        ServerProcess next = StartServer(new { });
        WaitForDelivered(next, Many);
        _intake.Sequence.AssertComplete(Many);
        Assert.That(next.Stop(), Is.Zero);
        ServerProcess last = StartServer(new { });
        Send(Many, 1);
        WaitForDelivered(last, 1);
        _intake.Sequence.AssertComplete(Many + 1);
    }

    [Test]
    public void An_outage_far_beyond_memory_costs_nothing_and_the_order_is_kept()
    {
        const int count = 100_000;
        _intake.Refuse();
        ServerProcess server = StartServer(new { MaxMemory = "8MB" });
        for (int sent = 0; sent < count; sent += 10_000)
        {
            Send(sent, 10_000);
            WaitForQueued(server, sent + 10_000);
        }
        _intake.Listen();
        WaitForDelivered(server, count);
        _intake.Sequence.AssertComplete(count);
        Assert.That(_intake.Sequence.OutOfOrder, Is.Zero);
    }

    [Test]
    public void Memory_durability_writes_nothing_while_memory_has_room_and_goes_to_disk_beyond()
    {
        _intake.Refuse();
        ServerProcess server = StartServer(new { Durability = "memory", MaxMemory = "4MB" });
        Send(0, 1000);
        WaitForQueued(server, 1000);
        Assert.That(SegmentFiles(), Is.Empty);
        for (int sent = 1000; sent < 51_000; sent += 5000)
        {
            Send(sent, 5000);
            WaitForQueued(server, sent + 5000);
        }
        Assert.That(SegmentFiles(), Is.Not.Empty);
        _intake.Listen();
        WaitForDelivered(server, 51_000);
        _intake.Sequence.AssertComplete(51_000);
        Assert.That(_intake.Sequence.OutOfOrder, Is.Zero);
    }

    [Test]
    public void A_full_spool_disk_is_said_once_the_relay_goes_on_from_memory_and_writing_resumes()
    {
        using TmpFs disk = new(Directory["disk"], "4m");
        _intake.Refuse();
        ServerProcess server = Start(ConfigurationObject(new { MaxMemory = "2MB" }), environment: In(disk.Path));
        Send(0, 40_000);
        server.WaitForLine("cannot be written");
        server.WaitForMetrics(m => m.Sum("concentrator_received_messages_total") == 40_000, "all are received");
        _intake.Listen();
        MetricsSnapshot drained = server.WaitForMetrics(
            m => m.Sum("concentrator_output_queued_messages", ("output", "sekoia")) == 0, "the queue is empty", Deadline.Transfer);
        double dropped = drained.Sum("concentrator_output_dropped_messages_total", ("output", "sekoia"));
        Assert.That(dropped, Is.Positive, "4 MB of disk and 2 MB of memory do not hold 10 MB");
        Send(40_000, 1000);
        server.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages", ("output", "sekoia")) == 0, "the rest is delivered");
        Eventually.Holds(() => _intake.Sequence.Distinct == 41_000 - (int)dropped, "what was not dropped has arrived", detail: _intake.ToString);
        Assert.That(server.LogLines.Count(static l => l.Contains("cannot be written", StringComparison.Ordinal)), Is.EqualTo(1));
        Print(server);
        Assert.That(server.Stop(), Is.Zero);
    }

    [Test]
    public void A_spool_that_cannot_be_used_is_one_line_and_exit_code_2()
    {
        string file = Directory.Write("not-a-directory", "");
        using ServerProcess server = ServerProcess.Launch(Directory, Configuration(new { }), In(file));
        Assert.That(server.WaitForExit(), Is.EqualTo(2), server.Log);
        Assert.That(server.LogLines[^1], Does.StartWith("Spool:Directory: cannot use"));
        Assert.That(FreePort.IsListening(_port), Is.False);
    }

    [Test]
    public void Two_servers_never_share_a_spool()
    {
        ServerProcess first = StartServer(new { });
        _port = FreePort.Next();
        using ServerProcess second = ServerProcess.Launch(Directory, Configuration(new { }));
        Assert.That(second.WaitForExit(), Is.EqualTo(2), second.Log);
        Assert.That(second.LogLines[^1], Does.Contain("Spool:Directory").And.Contain($"{first.Pid}"));
    }

    private static Dictionary<string, string?> In(string spoolDirectory) => new() { ["CONCENTRATOR__Spool__Directory"] = spoolDirectory };

    /// <summary>The spool's thread has been idle for a while: what is queued is in the page cache, and so outlives the process.</summary>
    private void WaitUntilWritten() => Eventually.Holds(
        () => SegmentFiles().All(static file => DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > TimeSpan.FromSeconds(0.3)),
        "the spool is written");

    private ServerProcess StartServer(object spool) => Start(ConfigurationObject(spool));

    private string Configuration(object spool) => System.Text.Json.JsonSerializer.Serialize(ConfigurationObject(spool));

    private object ConfigurationObject(object spool) => new
    {
        Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{_port}" } },
        Outputs = new { sekoia = Relay($"localhost:{_intake.Port}", Directory) },
        Spool = spool,
        ShutdownTimeout = "00:00:02",
    };

    private void Send(int first, int count)
    {
        using StreamSender sender = StreamSender.Tcp(_port, Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, first, count);
        sender.FinishSending();
    }

    /// <summary>So many have come in this life, and none is queued any more.</summary>
    private static void WaitForPassedOn(ServerProcess server, int received) => server.WaitForMetrics(
        m => m.Sum("concentrator_received_messages_total") == received && m.Sum("concentrator_output_queued_messages", ("output", "sekoia")) == 0,
        $"{received} received and passed on", Deadline.Transfer);

    private static void WaitForDelivered(ServerProcess server, int messages)
    {
        server.WaitForMetrics(
            m => m.Sum("concentrator_output_delivered_messages_total", ("output", "sekoia")) == messages, $"{messages} delivered", Deadline.Transfer);
        Print(server);
    }

    private static void Print(ServerProcess server)
    {
        foreach (MetricsSnapshot.Sample sample in server.Metrics().Samples.Where(static s => s.Name.StartsWith("concentrator_output", StringComparison.Ordinal) && s.Value > 0))
            TestContext.Out.WriteLine($"{sample.Name} {string.Join(' ', sample.Labels.Values)} {sample.Value}");
    }

    private string[] SegmentFiles() => System.IO.Directory.Exists(Directory["spool"])
        ? System.IO.Directory.GetFiles(Directory["spool"], "*.segment", SearchOption.AllDirectories)
        : [];
}
