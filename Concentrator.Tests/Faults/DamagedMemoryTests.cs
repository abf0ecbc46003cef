using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>Damaged words in the memory that a killed server left: they cost what they said, never the next start.</summary>
internal sealed class DamagedMemoryTests : FaultTests
{
    private const int TailWord = 1024;
    private const int TimeWord = 1032;
    private const int FirstReceived = 4096 + 56;

    [TestCase(long.MaxValue)]
    [TestCase(3155378975999999999)]
    [TestCase(1)]
    [TestCase(-1)]
    [TestCase(long.MinValue)]
    public void A_damaged_time_or_tail_of_a_ring_does_not_stop_the_next_start(long word)
    {
        string path = Directory.Socket("log");
        object configuration = new { Listeners = new { log = new { Address = $"unix-dgram:{path}" } }, Outputs = new { file = LogFile(Directory) } };
        foreach (string zone in (string[])["Asia/Tokyo", "America/New_York"])
        {
            Dictionary<string, string?> environment = new() { ["TZ"] = zone };
            Start(configuration, environment: environment).Kill();
            string ring = System.IO.Directory.GetFiles(Directory["spool/.memory"], "log.*.ring").Single();
            using (FileStream file = new(ring, FileMode.Open))
            {
                // A datagram that was received, and words beside it that nobody wrote.
                Write(file, FirstReceived, 100);
                Write(file, TimeWord, word);
                Write(file, TailWord, word);
            }
            ServerProcess next = Start(configuration, environment: environment);
            next.WaitForLine("recovered 1 datagrams from a killed process");
            using DatagramSender sender = DatagramSender.Unix(path);
            sender.Send(Lines.Message($"after it in {zone}"));
            Eventually.Holds(
                () => File.Exists(Directory["out.log"]) && File.ReadLines(Directory["out.log"]).Any(l => l.EndsWith($"after it in {zone}", StringComparison.Ordinal)),
                "messages arrive", null, next.Describe);
            Assert.That(next.Stop(), Is.Zero);
        }
    }

    [Test]
    public void A_damaged_word_of_delivery_does_not_pass_for_the_delivery_of_a_backlog()
    {
        const int Count = 3000;
        using TlsIntake intake = NewIntake(keepFrames: false);
        intake.Refuse();
        ServerProcess first = StartRelay(Relay(intake, Directory));
        using (StreamSender sender = StreamSender.Tcp(Port, Framing.OctetCounted)) sender.Send(NumberedMessage.HttpLog, 0, Count);
        first.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages") == Count, "all are queued", Deadline.Transfer);
        first.Kill();
        using (FileStream file = new(System.IO.Directory.GetFiles(Directory["spool/.memory"], "sekoia.*.front").Single(), FileMode.Open))
            Write(file, TailWord, 1L << 40);
        intake.Listen();
        ServerProcess next = StartRelay(Relay(intake, Directory));
        intake.Sequence.AssertNothingMissing(Count);
        Assert.That(next.Stop(), Is.Zero);
    }

    private static void Write(FileStream file, int offset, long word)
    {
        file.Position = offset;
        file.Write(BitConverter.GetBytes(word));
    }
}
