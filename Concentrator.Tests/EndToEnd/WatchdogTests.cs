using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Concentrator.Messages.FrameScanning;
using Concentrator.Native;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>
/// The watchdog's signs of life, as systemd hears them: they stop when a loop on the way of a message hangs (debug builds can be told to),
/// and for nothing that a restart does not mend.
/// </summary>
[Parallelizable]
[SuppressMessage("Structure", "NUnit1032", Justification = "The base class disposes it, after its checks.")]
internal sealed class WatchdogTests : ServerTests
{
    /// <summary>What <c>WatchdogSec=</c> would be: a sign comes twice in it.</summary>
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(2);

    /// <summary>Signs that come after a loop that stands still would have been found out.</summary>
    private const int ManySigns = 6;

    private NotifySocket _notify = null!;
    private int _tcp;

    [SetUp]
    public void BeginNotify()
    {
        _notify = Own(new NotifySocket(Directory));
        _tcp = FreePort.Next();
    }

    [TestCase("received", "read log")]
    [TestCase("queued", "lane log")]
    [TestCase("stream queued:20", "streams")]
    [TestCase("appended", "spool sekoia")]
    [TestCase("acknowledged", "relay sekoia")]
    [TestCase("written", "file file")]
    public void A_loop_that_hangs_ends_the_signs_of_life_and_is_named(string point, string loop)
    {
        TlsIntake intake = Own(NewIntake());
        ServerProcess server = StartWatched(
            new { sekoia = Relay(intake, Directory), file = LogFile(Directory) }, hangAt: point);
        WaitForSigns(1, server);

        // What a connection sends at first may be read on the thread that accepted it, which is nobody's loop, until that finds nothing to read.
        using StreamSender stream = StreamSender.Tcp(_tcp, Framing.Lf);
        for (int sent = 0; sent < 19; sent++)
        {
            stream.Send(NumberedMessage.HttpLog, sent, 1);
            server.WaitForMetrics(m => m.Sum("concentrator_received_messages_total") == sent + 1, $"message {sent} of the connection is read");
        }
        stream.Send(NumberedMessage.HttpLog, 19, 1);
        using DatagramSender datagrams = DatagramSender.Unix(Directory["log"]);
        datagrams.Send(NumberedMessage.LocalHttpLog, 20, 1);
        server.WaitForLine("ERROR not alive: no progress for 2 s in ");
        int before = Signs();
        Assert.That(Eventually.TryHold(() => Signs() > before, 2 * Watchdog), Is.False, server.Describe());
        Assert.That(NotAlive(server), Is.Not.Empty.And.All.Contains(loop), "by its name");
        Assert.That(server.Status("/healthz"), Is.EqualTo(200), "the process itself is well");
    }

    [Test]
    public void A_server_with_nothing_to_do_is_alive()
    {
        ServerProcess server = StartWatched(new { sekoia = Relay(Own(NewIntake()), Directory), file = LogFile(Directory) });
        SendEverywhere(10);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total") == 20, "all is delivered");
        AssertStaysAlive(server);
    }

    [Test]
    public void A_dead_peer_and_one_that_takes_nothing_are_no_reason_to_restart()
    {
        TlsIntake stalled = Own(new TlsIntake(TestCertificates.Server, keepFrames: false, receiveBuffer: 4096));
        stalled.Stall();
        ServerProcess server = StartWatched(
            new { dead = Relay($"localhost:{FreePort.Next()}", Directory), stalled = Relay(stalled, Directory), file = LogFile(Directory) });
        SendEverywhere(10_000);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages", ("output", "stalled")) > 1000, "the peer has stalled");
        AssertStaysAlive(server);
    }

    [Test]
    public void A_full_disk_and_a_pipe_that_nobody_empties_are_no_reason_to_restart()
    {
        using TmpFs disk = new(Directory["disk"], "64k");
        using FileStream pipe = Fifo.OpenForReading(Fifo.Make(Directory["pipe"]));
        ServerProcess server = StartWatched(new
        {
            full = new { Type = "file", Path = Directory["disk/full.log"] },
            pipe = new { Type = "file", Path = Directory["pipe"] },
        });
        SendEverywhere(10_000);
        server.WaitForLine("full.log cannot be written: ");
        server.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages", ("output", "pipe")) > 1000, "the pipe is full");
        AssertStaysAlive(server);
        server.Kill();
    }

    [Test]
    public void Back_pressure_is_no_reason_to_restart()
    {
        TlsIntake intake = Own(NewIntake());
        intake.Refuse();
        ServerProcess server = StartWatched(new { sekoia = Relay(intake, Directory) }, new { MaxMemory = "1MB", MaxSize = "1MB", WhenFull = "block" });
        using DatagramSender datagrams = DatagramSender.Unix(Directory["log"]);
        using StreamSender stream = StreamSender.Tcp(_tcp, Framing.OctetCounted);
        Task sending = Task.WhenAll(
            Task.Run(() => datagrams.Send(NumberedMessage.LocalHttpLog, 0, 50_000)),
            Task.Run(() => stream.Send(NumberedMessage.HttpLog, 50_000, 150_000)));
        server.WaitForMetrics(static m => m.Sum("concentrator_output_queued_bytes", ("output", "sekoia")) >= 600 * 1024, "the queue is full, but for what blocks leave free");
        AssertStaysAlive(server);
        Assert.That(sending.IsCompleted, Is.False, "both senders wait");
        intake.Listen();
        Assert.That(sending.Wait(Deadline.Transfer));
        AssertStaysAlive(server);
    }

    [Test]
    public void A_disk_that_does_not_answer_is_no_reason_to_restart()
    {
        string[] held = ["file file", "spool sekoia"];
        LoopDisk disk = Own(new LoopDisk(Directory));
        TlsIntake intake = Own(NewIntake());
        Dictionary<string, string?> places = new()
        {
            ["CONCENTRATOR__Spool__Directory"] = Path.Combine(disk.Path, "spool"),
            ["RUNTIME_DIRECTORY"] = Own(new TmpFs(Directory["run"], "512m")).Path,
        };
        string file = Path.Combine(disk.Path, "out.log");
        ServerProcess server = StartWatched(
            new { sekoia = Relay(intake, Directory), file = new { Type = "file", Path = file } }, environment: places);
        SendEverywhere(1000);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total") == 2000, "all is delivered");
        Task sending;
        using (disk.Stall())
        {
            sending = Task.Run(() => SendEverywhere(2000));
            Eventually.Holds(() => held.All(Held(server).Contains), "the kernel holds both threads", null, () => string.Join(", ", Held(server)));
            AssertStaysAlive(server);
            Assert.That(Held(server), Is.SupersetOf(held), "all the time");
        }
        Assert.That(sending.Wait(Deadline.Transfer));
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total") == 6000, "what came meanwhile is delivered, too", Deadline.Transfer);
        AssertStaysAlive(server);
        server.Stop();
    }

    private ServerProcess StartWatched(
        object outputs, object? spool = null, string? hangAt = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        Dictionary<string, string?> variables = new(_notify.Environment)
        {
            ["WATCHDOG_USEC"] = Watchdog.TotalMicroseconds.ToString("0", CultureInfo.InvariantCulture),
            [CrashPoint.HangVariable] = hangAt,
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>()) variables[name] = value;

        // A stop need not wait for what hangs.
        return Start(
            new
            {
                Listeners = new { log = new { Address = $"unix-dgram:{Directory.Socket("log")}" }, tcp = new { Address = $"tcp://127.0.0.1:{_tcp}" } },
                Outputs = outputs,
                Spool = spool ?? new { MaxMemory = "64MB" },
                ShutdownTimeout = "00:00:01",
            },
            environment: variables,
            binary: hangAt is null ? null : Build());
    }

    private void SendEverywhere(int count)
    {
        using DatagramSender datagrams = DatagramSender.Unix(Directory["log"]);
        datagrams.Send(NumberedMessage.LocalHttpLog, 0, count / 2);
        using StreamSender stream = StreamSender.Tcp(_tcp, Framing.OctetCounted);
        stream.Send(NumberedMessage.HttpLog, count / 2, count / 2);
    }

    private void AssertStaysAlive(ServerProcess server)
    {
        WaitForSigns(Signs() + ManySigns, server);
        Assert.That(NotAlive(server), Is.Empty);
    }

    private void WaitForSigns(int count, ServerProcess server) =>
        Eventually.Holds(() => Signs() >= count, $"{count} signs of life", null, server.Describe);

    /// <summary>The names of its threads that the kernel holds for a disk.</summary>
    private static IReadOnlyList<string> Held(ServerProcess server) => [.. new BlockedThreads($"/proc/{server.Pid}/task").Read().Select(thread =>
    {
        try
        {
            return File.ReadAllText($"/proc/{server.Pid}/task/{thread}/comm").TrimEnd();
        }
        catch (IOException)
        {
            // It was held for a moment, and has ended since.
            return "";
        }
    })];

    private int Signs() => _notify.Said().Count(static said => said == "WATCHDOG=1");

    private static IReadOnlyList<string> NotAlive(ServerProcess server) =>
        [.. server.LogLines.Where(static line => line.Contains("not alive", StringComparison.Ordinal))];
}
