using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// kill -9 at any moment while messages of all sizes up to 256 KB come. A datagram socket that the service manager holds is the one
/// transport where nothing may be missing: what no server has read waits in it, and a datagram is taken whole or not at all. What a
/// killed server's kernel had received over a stream is gone, and its sender cannot know.
/// </summary>
internal sealed class SizedKillTests : KilledServerTests
{
    private const int Seed = 20261129;
    private const int Smallest = 100;
    private const int Largest = 256 * 1024;

    /// <summary>33 KB on an average: some 10 MB a second to each of the two outputs.</summary>
    private const int PerSecond = 300;

    [TestCase(4, false)]
    [TestCase(4, true)]
    [TestCase(100, false, Category = Soak, Explicit = true, Reason = FullSize)]
    [TestCase(100, true, Category = Soak, Explicit = true, Reason = FullSize)]
    public void Kill_9_at_random_moments_loses_no_message_of_any_size_and_cuts_none(int kills, bool onTmpfs)
    {
        Dictionary<string, string?> environment = [];
        if (onTmpfs) environment["RUNTIME_DIRECTORY"] = Own(new TmpFs(Directory["run"], "600m")).Path;
        SizedMessages messages = new(Seed, Smallest, Largest);
        using TlsIntake intake = NewIntake(keepFrames: false);
        int cutFrames = 0;
        intake.OnFrame = (_, frame) =>
        {
            if (!messages.IsWhole(frame)) Interlocked.Increment(ref cutFrames);
        };
        object configuration = new
        {
            Listeners = Listeners(),

            // A file's queue drops the oldest beyond its memory: a slow disk is not what is tested.
            Spool = new { MaxMemory = "256MB" },
            Outputs = new
            {
                file = LogFile(Directory),
                sekoia = new
                {
                    Type = "syslog-tls",
                    Endpoint = $"localhost:{intake.Port}",
                    IntakeKey,
                    MaxFrameSize = "257KB",
                    Tls = new { CaFile = TestCertificates.Authority.WritePem(Directory.Path, "ca.crt") },
                },
            },
        };

        (ServerProcess server, int sent) = KillUnderLoad(
            kills, Seed, configuration, intake.Sequence, new SizedMessages(Seed, Smallest, Largest).Render, PerSecond, environment);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages") == 0, "nothing is queued", Deadline.Transfer);
        Assert.That(server.Stop(), Is.Zero, server.Describe());

        SequenceLedger lines = new();
        int cutLines = 0;
        foreach (string line in File.ReadLines(Directory["out.log"]))
        {
            byte[] text = System.Text.Encoding.UTF8.GetBytes(line);
            if (messages.IsWhole(text)) lines.Record(text);
            else cutLines++;
        }
        TestContext.Out.WriteLine($"{kills} kills, {Enumerable.Range(0, sent).Sum(number => (long)messages.Size(number)) >> 20} MB");
        PrintLedger(sent, intake.Sequence, "relay: ");
        TestContext.Out.WriteLine($"file: {lines}, missing {lines.Missing(sent).Count}; cut: {cutFrames} frames, {cutLines} lines");
        Assert.That(intake.Sequence.Missing(sent), Is.Empty);
        Assert.That(lines.Missing(sent), Is.Empty);
        Assert.That(cutFrames, Is.Zero);
        Assert.That(cutLines, Is.LessThanOrEqualTo(kills), "a kill within a write may leave the beginning of a line; it is written again, whole");
    }

    /// <summary>
    /// The kernel takes a datagram from the socket before it copies it, and a copy that meets a missing page while its process is killed is
    /// given up. The kill comes as soon as the sender sees that the first of a full queue is taken.
    /// </summary>
    [Test]
    public void Kill_9_while_the_kernel_copies_a_datagram_loses_none()
    {
        const int Kills = 15, PerKill = 12;
        SizedMessages messages = new(Seed, Largest, Largest);
        HoldSocket();
        object configuration = new { Listeners = Listeners(), Outputs = new { file = LogFile(Directory) } };
        using DatagramSender sender = DatagramSender.LikeHAProxy(SocketPath, sendBuffer: 4 << 20);
        int sent = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            for (int i = 0; i < PerKill && sender.TrySend(messages.Render(sent)); i++) sent++;
            int full = sender.Outstanding;
            ServerProcess server = LaunchWithSocket(configuration);
            SpinWait.SpinUntil(() => sender.Outstanding < full || server.HasExited, Deadline.Process);
            server.Kill();
        }
        ServerProcess last = LaunchWithSocket(configuration);
        last.WaitUntilReady();
        Assert.That(last.Stop(), Is.Zero, last.Describe());
        SequenceLedger lines = SequenceLedger.Of(File.ReadLines(Directory["out.log"]));
        TestContext.Out.WriteLine($"sent {sent}, file: {lines}, missing {lines.Missing(sent).Count}");
        Assert.That(lines.Missing(sent), Is.Empty);
    }

    private Dictionary<string, object> Listeners() => new() { ["in"] = new { Address = $"unix-dgram:{SocketPath}", MaxMessageSize = "256KB" } };
}
