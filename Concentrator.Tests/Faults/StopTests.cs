using System.Globalization;
using System.Text.RegularExpressions;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// How long a stop waits for a peer: as long as <c>ShutdownTimeout</c> while there is a connection to wait for, and not at all
/// for a peer that is away while the disk keeps what is queued. The time-out here is half an hour: who waits for it fails.
/// </summary>
[TestFixture]
internal sealed partial class StopTests : ServerTests
{
    private const int Many = 20_000;

    private int _port;
    private TlsIntake _intake = null!;

    [SetUp]
    public void MakeIntake()
    {
        _port = FreePort.Next();
        _intake = new TlsIntake(TestCertificates.Server, keepFrames: false, receiveBuffer: 4096);
    }

    [TearDown]
    public void EndIntake() => _intake.Dispose();

    [TestCase("process", "refuses")]
    [TestCase("power", "refuses")]
    [TestCase("process", "hangs in the handshake")]
    public void A_stop_does_not_wait_for_a_dead_peer_and_the_next_start_delivers_everything_once(string durability, string peer)
    {
        if (peer == "refuses") _intake.Refuse();
        else _intake.IgnoreHandshake = true;
        ServerProcess first = StartServer(durability);
        Send();
        WaitForQueued(first, Many);
        Assert.That(first.Stop(), Is.Zero);
        Assert.That(first.Log, Does.Contain($"{Many} messages kept on disk"));

        _intake.IgnoreHandshake = false;
        if (peer == "refuses") _intake.Listen();
        ServerProcess next = StartServer(durability);
        WaitForQueued(next, 0);
        _intake.Sequence.AssertComplete(Many);
        Assert.That(next.Stop(), Is.Zero);
        TestContext.Out.WriteLine(_intake.Sequence);
    }

    [Test]
    public void A_stop_waits_for_a_slow_peer_that_is_connected()
    {
        _intake.Stall();
        ServerProcess server = StartServer("process");
        Send();
        server.WaitForMetrics(m => m.Sum("concentrator_received_messages_total") == Many, "all are received", Deadline.Transfer);
        Eventually.Holds(() => _intake.OpenConnections.Count == 1, "the relay is connected");
        server.Send(Signal.Term);
        server.WaitForLine("stopping");

        // For longer than a stop gives to a peer that is not there.
        Thread.Sleep(TimeSpan.FromSeconds(2));
        Assert.That(server.HasExited, Is.False);
        _intake.Resume();
        Assert.That(server.WaitForExit(Deadline.Transfer), Is.Zero);
        _intake.Sequence.AssertComplete(Many);
        Assert.That(server.Log, Does.Not.Contain("kept on disk"));
    }

    [Test]
    public void With_memory_durability_a_stop_keeps_what_is_on_disk_and_counts_the_rest()
    {
        _intake.Refuse();
        ServerProcess first = StartServer("memory", memory: "2MB", timeout: "00:00:01");
        Send();
        WaitForQueued(first, Many);
        Assert.That(first.Stop(), Is.Zero);
        int dropped = Number(first.Log, DroppedCount()), kept = Number(first.Log, KeptCount());
        TestContext.Out.WriteLine($"{kept} kept, {dropped} dropped");
        Assert.That(kept + dropped, Is.EqualTo(Many));
        Assert.That(kept, Is.Positive);

        _intake.Listen();
        ServerProcess next = StartServer("memory");
        WaitForQueued(next, 0);
        Eventually.Holds(() => _intake.Sequence.Distinct == kept, $"{kept} messages", detail: _intake.Sequence.ToString);
    }

    private static int Number(string log, Regex pattern) =>
        int.Parse(pattern.Match(log).Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"([\d,]+) undelivered messages dropped")]
    private static partial Regex DroppedCount();

    [GeneratedRegex(@"([\d,]+) messages kept on disk")]
    private static partial Regex KeptCount();

    private ServerProcess StartServer(string durability, string memory = "64MB", string timeout = "00:30:00") => Start(new
    {
        Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{_port}" } },
        Outputs = new { sekoia = Relay(_intake, Directory) },
        Spool = new { Durability = durability, MaxMemory = memory },
        ShutdownTimeout = timeout,
    });

    private void Send()
    {
        using StreamSender sender = StreamSender.Tcp(_port, Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, 0, Many);
        sender.FinishSending();
    }
}
