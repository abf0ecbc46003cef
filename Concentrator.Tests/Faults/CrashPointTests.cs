using Concentrator.Native;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// kill -9 in every state that a message passes through: the server kills itself at a named instruction (debug builds can),
/// the next one takes over. The socket is held by the test, as systemd would, so what the dead server had not read waits.
/// </summary>
[Parallelizable]
internal sealed class CrashPointTests : ServerTests
{
    private const int Messages = 6_000;

    [Test]
    public void Killed_at_a_named_instruction_nothing_that_was_taken_from_the_socket_is_lost(
        [Values("peeked", "received", "rendered", "queued", "releasing", "released", "appended", "written", "acknowledged",
            "segment begun", "segment delivered", "checkpoint saved")] string point,
        [Values] bool later)
    {
        // The last three are reached once a segment, or once a second.
        int time = !later ? 1 : point.Contains(' ', StringComparison.Ordinal) ? 2 : 7;
        string path = Directory.Socket("log");
        using SocketHolder holder = new();
        holder.UnixDatagrams("in", path);
        string script = holder.Script(Directory, ServerProcess.QuotedBuild);
        using TlsIntake intake = new(TestCertificates.Server, keepFrames: false);
        Dictionary<string, object> configuration = new()
        {
            ["Listeners"] = new { @in = new { Address = $"unix-dgram:{path}" } },
            ["Outputs"] = new { file = LogFile(Directory), sekoia = Relay(intake, Directory) },

            // Segments as small as they can be, so that the test passes through many.
            ["Spool"] = new { MaxSize = "2MB" },
        };
        ServerProcess killed = Launch(configuration, environment: new Dictionary<string, string?> { [CrashPoint.Variable] = $"{point}:{time}" }, binary: script);
        Task sending = Task.Run(() =>
        {
            using DatagramSender sender = DatagramSender.Unix(path);
            NumberedMessage message = NumberedMessage.LocalHttpLog;
            for (int first = 0; first < Messages; first += 200)
            {
                sender.Send(message, first, 200);
                Thread.Sleep(5);
            }
        });
        Assert.That(killed.WaitForExit(Deadline.Process), Is.EqualTo(137), killed.Describe());
        ServerProcess next = Start(configuration, binary: script);
        Assert.That(sending.Wait(Deadline.Transfer));
        intake.Sequence.AssertNothingMissing(Messages);
        next.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages") == 0, "nothing queued");
        Assert.That(next.Stop(), Is.Zero);
        SequenceLedger file = SequenceLedger.Of(File.ReadLines(Directory["out.log"]));
        TestContext.Out.WriteLine($"{point}:{time}: sent {Messages}; file: {file}; intake: {intake.Sequence}");
        foreach (string line in next.LogLines.Where(static l => l.Contains("killed process", StringComparison.Ordinal))) TestContext.Out.WriteLine(line);
        file.AssertNothingMissing(Messages);
    }
}
