using Concentrator.Bytes;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Segments;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Queues.Segments;

/// <summary>
/// The bytes on disk, as the comments draw them. A change here is a new format version: spools of the old one are out there.
/// </summary>
internal sealed class FormatTests
{
    [Test]
    public void CRC_32C_gives_the_published_values()
    {
        Assert.That(Crc32C.Of("123456789"u8), Is.EqualTo(0xE3069283));
        Assert.That(Crc32C.Of(new byte[32]), Is.EqualTo(0x8A9136AA), "RFC 3720 B.4");
        Assert.That(Crc32C.Of([]), Is.Zero);
    }

    [Test]
    public void CRC_32C_in_pieces_is_that_of_the_whole() => Prop.ForAll<byte[], byte[]>(static (first, second) =>
        Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Start, first), second)) == SlowCrc([.. first, .. second])).QuickCheckThrowOnFailure();

    [Test]
    public void A_segment_on_disk_is_as_drawn()
    {
        MemoryDirectory directory = new();
        using SegmentLog log = SegmentLog.Open(directory, Logs.Small, out _);
        log.Append("5 hello2 hi"u8, 2);
        log.Append("1 x"u8, 1);
        string name = directory.Segments.Single();
        Assert.That(name, Does.Match("^000000000001-[0-9a-f]{16}\\.segment$"));
        string tag = string.Concat(Enumerable.Range(0, 8).Reverse().Select(i => name.Substring(13 + (i * 2), 2).ToUpperInvariant()));
        byte[] bytes = directory[name];

        string header = $"F5534547 0100 2400 0100000000000000 {tag} 0100000000000000";
        string first = $"F5424C4B 0100 2800 0B000000 02000000 0100000000000000 {tag} {Hex(SlowCrc("5 hello2 hi"u8.ToArray()))}";
        string second = $"F5424C4B 0100 2800 03000000 01000000 0300000000000000 {tag} {Hex(SlowCrc("1 x"u8.ToArray()))}";
        string expected = WithCrc(header) + WithCrc(first) + Convert.ToHexString("5 hello2 hi"u8) + WithCrc(second) + Convert.ToHexString("1 x"u8);
        Assert.That(Convert.ToHexString(bytes), Is.EqualTo(expected.PadRight(512 * 2, '0')));
    }

    [Test]
    public void A_checkpoint_on_disk_is_as_drawn()
    {
        MemoryDirectory directory = new();
        using SegmentLog log = SegmentLog.Open(directory, Logs.Small, out _);
        log.Append(5, 50);
        log.Release(3);
        log.SaveCheckpoint();
        byte[] bytes = directory["checkpoint"];
        string slot = WithCrc("F543484B 0100 2400 0100000000000000 0300000000000000 0600000000000000");
        Assert.That(Convert.ToHexString(bytes), Is.EqualTo(slot.PadLeft((4096 * 2) + slot.Length, '0')), "the first generation, in the second slot");
    }

    [Test]
    public void Names_of_segments_are_read_back() =>
        Prop.ForAll<int, long>(static (number, tag) =>
        {
            long positive = Math.Max(1, Math.Abs((long)number) * 1_000_000_007);
            return SegmentName.TryParse(SegmentName.Of(positive, (ulong)tag), out long readNumber, out ulong readTag)
                && (readNumber, readTag) == (positive, (ulong)tag);
        }).QuickCheckThrowOnFailure();

    [Test]
    public void Lost_ranges_count_like_a_set() => Prop.ForAll(
        Gen.Choose(0, 40).Two().Three().ListOf(12).ToArbitrary(), static steps =>
        {
            LostRanges ranges = new();
            HashSet<long> set = [];
            foreach (((int, int) add, (int, int) count, (int below, int chance)) in steps)
            {
                long added = ranges.Add(add.Item1, add.Item2);
                int before = set.Count;
                for (long i = add.Item1; i < add.Item2; i++) set.Add(i);
                if (added != set.Count - before || ranges.Count != set.Count) return false;
                if (ranges.CountIn(count.Item1, count.Item2) != set.Count(s => s >= count.Item1 && s < count.Item2)) return false;
                if (chance > 10) continue;
                ranges.ForgetBelow(below);
                set.RemoveWhere(s => s < below);
                if (ranges.Count != set.Count) return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();

    private static string WithCrc(string spaced)
    {
        string hex = spaced.Replace(" ", "", StringComparison.Ordinal);
        return hex + Hex(SlowCrc(Convert.FromHexString(hex)));
    }

    private static string Hex(uint little) => Convert.ToHexString(BitConverter.GetBytes(little));

    /// <summary>Bit by bit, from the polynomial.</summary>
    private static uint SlowCrc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
        }
        return ~crc;
    }
}
