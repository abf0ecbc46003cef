using System.Text;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Segments;
using NUnit.Framework;

namespace Concentrator.Tests.Queues.Segments;

/// <summary>Whatever the files hold, the log opens, delivers what is undamaged, and counts what is not.</summary>
internal sealed class RecoveryTests
{
    [TestCase(false, TestName = "A_tail_torn_at_every_byte_is_cut_and_all_before_it_kept_where_the_file_is_zeros_behind_it")]
    [TestCase(true, TestName = "A_tail_torn_at_every_byte_is_cut_and_all_before_it_kept_where_the_file_ends")]
    public void Torn(bool isTruncated)
    {
        (MemoryDirectory whole, List<Entry> entries) = Filled(2, reached: 1);
        whole.Remove("checkpoint"); // It was written after the last block, and would tell how many messages are lost.
        int end = EndOf(whole[whole.Segments.Last()]);
        int start = end - BlockHeader.Size - entries[^1].Payload.Length;
        for (int cut = start; cut < end; cut++)
        {
            MemoryDirectory torn = whole.Copy();
            string name = torn.Segments.Last();
            if (isTruncated) torn[name] = torn[name][..cut];
            else torn[name].AsSpan(cut).Clear();

            using (SegmentLog log = torn.Open(out RecoveryReport report))
            {
                Assert.That(log.ReadAll(), Is.EqualTo(entries[..^1]), $"cut at {cut}");
                Assert.That(report.TornBytes, cut == start ? Is.Zero : Is.Positive, $"cut at {cut}");
                Assert.That(report.LostMessages + log.LostMessages, Is.Zero);

                Entry next = log.Append(2, 90);
                Assert.That(next.First, Is.EqualTo(entries[^1].First), "the cut numbers were never given");
                Assert.That(log.ReadAll(), Is.EqualTo((Entry[])[.. entries[..^1], next]));
            }
            using SegmentLog again = torn.Open(out RecoveryReport second);
            Assert.That(second.TornBytes, Is.Zero, "what was cut stays cut");
            Assert.That(second.Messages, Is.EqualTo(entries[..^1].Sum(static e => e.Messages) + 2));
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_bit_flipped_in_every_byte_of_two_segments_costs_at_most_the_block_it_hits_and_is_counted(bool hasCheckpoint)
    {
        (MemoryDirectory sound, List<Entry> entries) = Filled(2, reached: 2);
        if (!hasCheckpoint) sound.Remove("checkpoint");
        long total = entries.Sum(static e => e.Messages);
        foreach (string name in sound.Segments.Append("checkpoint").Where(sound.Names.Contains))
        {
            for (int at = 0; at < sound[name].Length; at++)
            {
                MemoryDirectory damaged = sound.Copy();
                damaged[name][at] ^= (byte)(1 << (at % 8));
                string where = $"{name} at {at}";

                using SegmentLog log = damaged.Open(out RecoveryReport report);
                List<Entry> read = log.ReadAll();
                Entry? hit = BlockAt(sound, entries, name, at);
                Assert.That(read, Is.EqualTo(entries.Where(entry => entry != hit)), where);
                long lost = report.LostMessages + log.LostMessages + report.TornMessages;
                bool isCountable = hit is null || hasCheckpoint || hit != entries[^1];
                if (isCountable) Assert.That(lost, Is.EqualTo(hit?.Messages ?? 0), where);
                else Assert.That(report.TornBytes, Is.Positive, where);
                Assert.That(log.Messages, Is.EqualTo(read.Sum(static e => e.Messages)), where);

                long next = log.NextSequence;
                Assert.That(log.Append(1, 50).First, Is.EqualTo(next), where);
                Assert.That(next, hasCheckpoint ? Is.EqualTo(total + 1) : Is.GreaterThanOrEqualTo(total + 1 - entries[^1].Messages), where);
                Assert.That(log.ReadAll(), Has.Count.EqualTo(read.Count + 1), where);
            }
        }
    }

    [Test]
    public void Random_damage_never_makes_the_log_throw_and_never_brings_out_what_did_not_go_in()
    {
        Random random = new(7);
        for (int round = 0; round < 3000; round++)
        {
            (MemoryDirectory directory, List<Entry> entries) = Filled(6, reached: 3);
            foreach (string name in directory.Names.ToArray())
            {
                byte[] bytes = directory[name];
                for (int times = random.Next(4); times > 0 && bytes.Length > 0; times--)
                {
                    int from = random.Next(bytes.Length);
                    int length = Math.Min(random.Next(1, 200), bytes.Length - from);
                    switch (random.Next(5))
                    {
                        case 0:
                            bytes.AsSpan(from, length).Clear();
                            break;
                        case 1:
                            random.NextBytes(bytes.AsSpan(from, length));
                            break;
                        case 2:
                            bytes.AsSpan(from, length).CopyTo(bytes.AsSpan(random.Next(bytes.Length - length + 1)));
                            break;
                        case 3:
                            bytes = directory[name] = bytes[..from];
                            break;
                        default:
                            bytes = directory[name] = [.. bytes[..from], .. new byte[length], .. bytes[from..]];
                            break;
                    }
                }
                if (random.Next(20) == 0) directory.Remove(name);
            }
            using SegmentLog log = directory.Open(out RecoveryReport report);
            List<Entry> read = log.ReadAll();
            Assert.That(read, Is.SubsetOf(entries));
            Assert.That(read, Is.Ordered.By(nameof(Entry.First)));
            Assert.That(read.Sum(static e => e.Messages) + report.LostMessages + log.LostMessages, Is.EqualTo(log.NextSequence - log.FirstSequence));
            Entry next = log.Append(3, 60);
            Assert.That(log.ReadAll(), Is.EqualTo((Entry[])[.. read, next]));
        }
    }

    [Test]
    public void A_segment_missing_in_the_middle_is_a_counted_loss()
    {
        (MemoryDirectory directory, List<Entry> entries) = Filled(9, reached: 4);
        directory.Remove(directory.Segments.ElementAt(1));
        using SegmentLog log = directory.Open(out RecoveryReport report);
        List<Entry> read = log.ReadAll();
        long missing = entries.Except(read).Sum(static e => e.Messages);
        Assert.That(missing, Is.Positive);
        Assert.That(report.LostMessages, Is.EqualTo(missing));
        Assert.That(log.LostMessages, Is.Zero, "it is counted once");
        Assert.That(report.Messages, Is.EqualTo(read.Sum(static e => e.Messages)));
        Assert.That(report.ToString(), Does.Contain($"{missing} messages are lost"));
    }

    [Test]
    public void Without_a_checkpoint_all_that_is_held_is_delivered()
    {
        MemoryDirectory directory = new();
        using (SegmentLog log = directory.Open())
        {
            for (int i = 0; i < 3; i++) log.Append(2, 80);
            log.Release(5);
            log.SaveCheckpoint();
        }
        directory.Remove("checkpoint");
        using SegmentLog again = directory.Open(out RecoveryReport report);
        Assert.That(again.FirstSequence, Is.EqualTo(1));
        Assert.That(report.Messages, Is.EqualTo(6));
        Assert.That(report.CheckpointMissing);
        Assert.That(report.IsClean, Is.False);
    }

    [Test]
    public void One_damaged_slot_leaves_the_checkpoint_before_it()
    {
        MemoryDirectory directory = new();
        using (SegmentLog log = directory.Open())
        {
            for (int i = 0; i < 4; i++)
            {
                log.Append(1, 80);
                log.Release(log.NextSequence);
                log.SaveCheckpoint();
            }
        }
        // The fourth generation stands in the first slot.
        directory["checkpoint"][16]++;
        using SegmentLog again = directory.Open(out RecoveryReport report);
        Assert.That(again.FirstSequence, Is.EqualTo(4));
        Assert.That(report.CheckpointMissing, Is.False);
        again.Release(5);
        again.SaveCheckpoint();
        again.Dispose();
        using SegmentLog third = directory.Open();
        Assert.That(third.FirstSequence, Is.EqualTo(5));
    }

    [Test]
    public void Foreign_files_are_left_alone()
    {
        (MemoryDirectory directory, List<Entry> entries) = Filled(3, reached: 1);
        string[] foreign =
        [
            "README", "lock", "0-1.segment", "000000000001-zzzzzzzzzzzzzzzz.segment", "000000000001-0123456789abcdef.segment.bak",
            "0000000000001-0123456789abcdef.segment", "99999999999999999999-0123456789abcdef.segment",
        ];
        foreach (string name in foreign) directory.Create(name, Encoding.ASCII.GetBytes("not ours"));
        using SegmentLog log = directory.Open(out RecoveryReport report);
        Assert.That(log.ReadAll(), Is.EqualTo(entries));
        Assert.That(report.IsClean);
        Assert.That(directory.Names, Is.SupersetOf(foreign));
    }

    [Test]
    public void Leftovers_of_recycling_are_cleaned_up()
    {
        (MemoryDirectory directory, List<Entry> entries) = Filled(6, reached: 3);
        string first = directory.Segments.First();

        // Taken for the next segment, and then the program ended: all of the old segment is in it.
        directory.Create(SegmentName.Of(999, 12345), directory[first]);
        directory.Create("spare", [.. directory[first], 0]);
        using SegmentLog log = directory.Open(out RecoveryReport report);
        Assert.That(log.ReadAll(), Is.EqualTo(entries));
        Assert.That(report.IsClean);
        Assert.That(directory.Names, Has.No.Member("spare"), "it has the wrong size");
        Assert.That(directory.Names, Has.No.Member(SegmentName.Of(999, 12345)));
    }

    [TestCase("segment")]
    [TestCase("checkpoint")]
    public void A_newer_version_is_refused_in_one_clear_line_and_nothing_is_changed(string kind)
    {
        (MemoryDirectory directory, _) = Filled(3, reached: 1);
        string name = kind == "checkpoint" ? kind : directory.Segments.First();

        // A header of a later version, with more fields than ours.
        byte[] header = new byte[120];
        RecordHeader.Seal(header, directory[name].AsSpan(kind == "checkpoint" ? 4096 : 0, 4));
        header[4] = 2;
        BitConverter.TryWriteBytes(header.AsSpan(116), Bytes.Crc32C.Of(header.AsSpan(0, 116)));
        header.CopyTo(directory[name], 0);
        string[] before = [.. directory.Names.Select(n => Convert.ToHexString(directory[n]))];

        SpoolVersionException refusal = Assert.Throws<SpoolVersionException>(() => directory.Open())!;
        Assert.That(refusal.Message, Is.EqualTo($"memory/{name} has spool format version 2, but this program supports versions up to 1; "
            + "run a newer version, or move the directory away"));
        Assert.That(directory.Names.Select(n => Convert.ToHexString(directory[n])), Is.EqualTo(before));
    }

    [Test]
    public void A_damaged_version_is_damage_and_not_a_newer_version()
    {
        (MemoryDirectory directory, List<Entry> entries) = Filled(3, reached: 1);
        directory[directory.Segments.First()][4] = 2;
        using SegmentLog log = directory.Open();
        Assert.That(log.ReadAll(), Is.EqualTo(entries));
    }

    [Test]
    public void A_message_that_imitates_a_block_is_never_taken_for_one()
    {
        MemoryDirectory directory = new();
        List<Entry> entries = [];
        using (SegmentLog log = directory.Open())
        {
            entries.Add(log.Append(1, 60));
            byte[] forged = new byte[BlockHeader.Size + 20];
            new BlockHeader(20, 1, 2, 0x1234, Bytes.Crc32C.Of(new byte[20])).Write(forged);
            log.Append(forged, 1);
            entries.Add(log.Append(1, 60));
        }

        // The header of the block that holds it is damaged, so its payload is searched for the next block.
        string name = directory.Segments.Single();
        directory[name][SegmentHeader.Size + BlockHeader.Size + 60 + 20]++;
        using SegmentLog again = directory.Open(out RecoveryReport report);
        Assert.That(again.ReadAll(), Is.EqualTo(entries));
        Assert.That(report.LostMessages, Is.EqualTo(1));
    }

    [Test]
    public void A_segment_that_cannot_be_read_at_one_start_is_whole_at_the_next()
    {
        (MemoryDirectory directory, List<Entry> entries) = Filled(6, reached: 3);
        directory.Remove("checkpoint");
        foreach (string name in directory.Segments) directory.Unreadable.Add(name);
        Entry meanwhile;
        using (SegmentLog log = directory.Open(out RecoveryReport report))
        {
            Assert.That(report.IgnoredSegments, Is.EqualTo(3));
            meanwhile = log.Append(1, 60);
            Assert.That(log.ReadAll(), Is.EqualTo((Entry[])[meanwhile]));
        }
        directory.Unreadable.Clear();
        using SegmentLog again = directory.Open();
        Assert.That(again.ReadAll(), Is.EqualTo((Entry[])[.. entries, meanwhile]));
    }

    [Test]
    public void A_place_that_stays_unreadable_is_passed_over_and_counted()
    {
        (MemoryDirectory directory, List<Entry> entries) = Filled(6, reached: 3);
        using SegmentLog log = directory.Open();
        directory.Unreadable.Add(directory.Segments.First());
        SegmentLogCursor cursor = log.CursorAt(1);
        int failures = 0;
        List<Entry> read = [];
        while (read.Count == 0)
        {
            try
            {
                read = log.ReadOn(ref cursor);
            }
            catch (IOException)
            {
                failures++;
            }
        }
        Assert.That(failures, Is.EqualTo(SegmentLog.PatienceWithReading), "it was tried again before it was given up");
        Assert.That(read, Is.EqualTo(entries[^read.Count..]));
        Assert.That(log.LostMessages, Is.EqualTo(entries[..^read.Count].Sum(static e => e.Messages)));
        Assert.That(log.Messages, Is.EqualTo(read.Sum(static e => e.Messages)));

        directory.Unreadable.Clear();
        Assert.That(log.ReadAll(), Is.EqualTo(entries), "should it come back, it is delivered after all");
        Assert.That(log.LostMessages, Is.EqualTo(entries[..^read.Count].Sum(static e => e.Messages)), "and counts nothing again");
    }

    /// <summary>A cleanly closed log.</summary>
    private static (MemoryDirectory Directory, List<Entry> Entries) Filled(int blocks, int reached)
    {
        MemoryDirectory directory = new();
        List<Entry> entries = [];
        using SegmentLog log = directory.Open();
        while (entries.Count < blocks || directory.Segments.Count() < reached) entries.Add(log.Append(2 + (entries.Count % 3), 100 + (entries.Count * 7)));
        log.SaveCheckpoint();
        return (directory, entries);
    }

    private static int EndOf(byte[] bytes) => bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    private static Entry? BlockAt(MemoryDirectory directory, List<Entry> entries, string name, int at)
    {
        if (name == "checkpoint") return null;
        byte[] bytes = directory[name];
        for (int offset = SegmentHeader.Size; BlockHeader.TryRead(bytes.AsSpan(offset), out BlockHeader header); offset += (int)header.TotalLength)
        {
            if (at >= offset && at < offset + header.TotalLength) return entries.Single(entry => entry.First == header.FirstSequence);
        }
        return null;
    }
}
