using System.Globalization;
using Concentrator.Messages.FrameScanning;
using Concentrator.Queues.DiskFormat;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// One bit flipped in every kind of byte that a spool consists of, each in the spool of an output of its own: the server
/// starts, delivers all that is not in the damaged block, and counts that.
/// </summary>
[TestFixture]
internal sealed class DamagedSpoolTests : ServerTests
{
    private const int Delivered = 200;
    private const int Total = 8200;
    private const string Dropped = "concentrator_output_dropped_messages_total";

    private readonly int _port = FreePort.Next();

    /// <summary>Where a bit is flipped, and which block that costs (null = none).</summary>
    private sealed record Damage(string Name, string File, long Offset, BlockHeader? Hit);

    [Test]
    public void A_bit_flipped_in_any_kind_of_byte_costs_at_most_the_block_it_hits()
    {
        FillSpool();
        string filled = Directory["spool/sekoia"];
        Damage[] damages = [.. Damages(filled)];
        Dictionary<string, TlsIntake> intakes = [];
        foreach (Damage damage in damages)
        {
            string copy = Directory[$"spool/{damage.Name}"];
            System.IO.Directory.CreateDirectory(copy);
            foreach (string file in System.IO.Directory.GetFiles(filled)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            Flip(Path.Combine(copy, damage.File), damage.Offset);
            intakes.Add(damage.Name, Own(NewIntake(keepFrames: false)));
        }

        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{_port}" } },
            Outputs = intakes.ToDictionary(static i => i.Key, i => Relay($"localhost:{i.Value.Port}", Directory)),
            Spool = new { MaxMemory = "1MB" },
            ShutdownTimeout = "00:00:02",
        });
        MetricsSnapshot end = server.WaitForMetrics(
            static m => m.Sum("concentrator_output_queued_messages") == 0 && m.Sum("concentrator_output_accepted_messages_total") > 0,
            "all is delivered or counted", Deadline.Transfer);

        LedgerAssert.Balances(end);
        TestContext.Out.WriteLine($"{"damaged",-28} {"accepted",8} {"delivered",9} {"spool_corrupt",13}");
        using IDisposable scope = Assert.EnterMultipleScope();
        foreach (Damage damage in damages)
        {
            (string, string) output = ("output", damage.Name);
            double corrupt = end.Sum(Dropped, output, ("reason", "spool_corrupt"));
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{damage.Name,-28} {end.Sum("concentrator_output_accepted_messages_total", output),8} "
                + $"{end.Sum("concentrator_output_delivered_messages_total", output),9} {corrupt,13}"));
            int[] lost = damage.Hit is { } hit ? [.. Enumerable.Range((int)hit.FirstSequence - 1, hit.Messages)] : [];
            SequenceLedger arrived = intakes[damage.Name].Sequence;
            Eventually.Holds(() => arrived.Missing(Total).Count(static n => n >= Delivered) <= lost.Length, $"{damage.Name}: the rest arrives");
            Assert.That(arrived.Missing(Total).Where(static n => n >= Delivered), Is.EqualTo(lost), damage.Name);
            Assert.That(corrupt, Is.EqualTo(lost.Length), damage.Name);
            Assert.That(end.Sum(Dropped, output), Is.EqualTo(lost.Length), damage.Name);
        }
    }

    private void FillSpool()
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{_port}" } },
            Outputs = new { sekoia = Relay($"localhost:{intake.Port}", Directory) },
            Spool = new { MaxSize = "8MB" },
            ShutdownTimeout = "00:00:02",
        });
        Send(0, Delivered);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total") == Delivered, "the first are delivered");
        intake.Refuse();
        Send(Delivered, Total - Delivered);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages") == Total - Delivered, "the rest is queued");
        Assert.That(server.Stop(), Is.Zero);
    }

    private static IEnumerable<Damage> Damages(string directory)
    {
        string[] segments = [.. System.IO.Directory.GetFiles(directory, "*.segment").Order(StringComparer.Ordinal)];
        Assert.That(segments, Has.Length.GreaterThanOrEqualTo(3));
        string middle = Path.GetFileName(segments[1]);
        List<(long At, BlockHeader Header)> blocks = Blocks(segments[1]);
        (long at, BlockHeader hit) = blocks[blocks.Count / 2];

        (string Name, int Offset)[] segmentHeader = [("magic", 0), ("version", 4), ("length", 6), ("number", 8), ("tag", 16), ("first", 24), ("crc", 32)];
        foreach ((string name, int offset) in segmentHeader) yield return new Damage($"segment-{name}", middle, offset, null);
        (string Name, int Offset)[] blockHeader =
        [
            ("magic", 0), ("version", 4), ("length", 6), ("payload-length", 8), ("messages", 12), ("sequence", 16), ("tag", 24),
            ("payload-crc", 32), ("header-crc", 36), ("payload-start", 40), ("payload-end", (int)hit.TotalLength - 1),
        ];
        foreach ((string name, int offset) in blockHeader) yield return new Damage($"block-{name}", middle, at + offset, hit);

        (long firstAt, BlockHeader first) = Blocks(segments[0]).First(static b => b.Header.FirstSequence > Delivered);
        yield return new Damage("block-oldest", Path.GetFileName(segments[0]), firstAt + 50, first);
        yield return new Damage("block-last-of-segment", middle, blocks[^1].At + 50, blocks[^1].Header);
        (long lastAt, BlockHeader last) = Blocks(segments[^1])[^1];
        yield return new Damage("block-newest", Path.GetFileName(segments[^1]), lastAt + 50, last);
        yield return new Damage("block-newest-header", Path.GetFileName(segments[^1]), lastAt + 16, last);
        yield return new Damage("end-mark", Path.GetFileName(segments[^1]), lastAt + last.TotalLength + 3, null);
        yield return new Damage("reserved-room", Path.GetFileName(segments[^1]), new FileInfo(segments[^1]).Length - 9, null);
        foreach (int slot in (int[])[0, 4096])
        {
            foreach ((string name, int offset) in ((string, int)[])[("magic", 0), ("generation", 8), ("released", 16), ("next", 24), ("crc", 32)])
                yield return new Damage(string.Create(CultureInfo.InvariantCulture, $"checkpoint-{slot}-{name}"), Checkpoint.FileName, slot + offset, null);
        }
        yield return new Damage("checkpoint-between", Checkpoint.FileName, 2000, null);
        yield return new Damage("lock-file", "lock", 0, null);
    }

    private static List<(long At, BlockHeader Header)> Blocks(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        List<(long, BlockHeader)> blocks = [];
        int at = SegmentHeader.Size;
        while (at + BlockHeader.Size <= bytes.Length && BlockHeader.TryRead(bytes.AsSpan(at), out BlockHeader header))
        {
            blocks.Add((at, header));
            at += (int)header.TotalLength;
        }
        return blocks;
    }

    private static void Flip(string path, long offset)
    {
        using FileStream file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        int before = Math.Max(0, file.ReadByte());
        file.Position = offset;
        file.WriteByte((byte)(before ^ 0x04));
    }

    private void Send(int first, int count)
    {
        using StreamSender sender = StreamSender.Tcp(_port, Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, first, count);
        sender.FinishSending();
    }
}
