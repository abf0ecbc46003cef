using Concentrator.Queues.Blocks;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Queues.Segments;

/// <summary>What the log promises its owner, one promise a test.</summary>
internal sealed class SegmentLogTests
{
    private MemoryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new MemoryDirectory();

    [Test]
    public void What_is_appended_is_read_back_in_order_with_its_sequences()
    {
        using SegmentLog log = _directory.Open(out RecoveryReport report);
        Assert.That(report, Is.EqualTo(new RecoveryReport(0, 0, 0, 0, 0)));
        List<Entry> entries = [.. Enumerable.Range(0, 50).Select(i => log.Append(1 + (i % 4), 20 + (i * 5)))];
        Assert.That(log.ReadAll(), Is.EqualTo(entries));
        Assert.That(log.Messages, Is.EqualTo(entries.Sum(static e => e.Messages)));
        Assert.That(log.NextSequence, Is.EqualTo(entries[^1].End));
        Assert.That(log.LostMessages, Is.Zero);
    }

    [Test]
    public void A_reader_at_the_end_sees_what_is_appended_next()
    {
        using SegmentLog log = _directory.Open();
        SegmentLogCursor cursor = log.CursorAt(1);
        for (int i = 0; i < 20; i++)
        {
            Assert.That(log.ReadOn(ref cursor), Is.Empty);
            Entry entry = log.Append(1, 100);
            Assert.That(log.ReadOn(ref cursor), Is.EqualTo((Entry[])[entry]));
        }
    }

    [Test]
    public void A_cursor_finds_the_block_that_holds_any_sequence()
    {
        using SegmentLog log = _directory.Open();
        List<Entry> entries = [.. Enumerable.Range(0, 20).Select(_ => log.Append(3, 100))];
        for (long sequence = -5; sequence < log.NextSequence; sequence++)
        {
            SegmentLogCursor cursor = log.CursorAt(sequence);
            Assert.That(log.ReadOn(ref cursor, 1).Single(), Is.EqualTo(entries.First(entry => entry.End > sequence)));
        }
        SegmentLogCursor atEnd = log.CursorAt(1_000_000);
        Assert.That(log.ReadOn(ref atEnd), Is.Empty);
    }

    [Test]
    public void A_block_longer_than_a_segment_gets_a_segment_of_its_own_size()
    {
        using SegmentLog log = _directory.Open();
        List<Entry> entries = [log.Append(1, 50), log.Append(1, 5000), log.Append(1, 50), log.Append(1, 300_000), log.Append(1, 50)];
        Assert.That(log.ReadAll(), Is.EqualTo(entries));
        Assert.That(log.Bytes, Is.EqualTo(_directory.Segments.Sum(name => _directory[name].Length)));
        Assert.That(_directory.Segments.Select(name => _directory[name].Length), Is.EqualTo((int[])[512, 5076, 512, 300_076, 512]));
        log.Dispose();
        using SegmentLog again = _directory.Open();
        Assert.That(again.ReadAll(), Is.EqualTo(entries));
    }

    [Test]
    public void Blocks_fill_a_segment_to_its_last_byte()
    {
        int payload = (512 - SegmentHeader.Size - (2 * BlockHeader.Size)) / 2;
        using (SegmentLog log = _directory.Open())
        {
            for (int i = 0; i < 6; i++) log.Append(1, payload);
        }
        Assert.That(_directory.Segments.Count(), Is.EqualTo(3));
        using SegmentLog again = _directory.Open(out RecoveryReport report);
        Assert.That(again.ReadAll(), Has.Count.EqualTo(6));
        Assert.That(report.TornBytes, Is.Zero);
    }

    [Test]
    public void A_log_goes_on_where_it_was_closed()
    {
        List<Entry> entries = [];
        for (int run = 0; run < 10; run++)
        {
            using SegmentLog log = _directory.Open(out RecoveryReport report);
            Assert.That(report.Messages, Is.EqualTo(entries.Sum(static e => e.Messages)));
            Assert.That(log.ReadAll(), Is.EqualTo(entries));
            for (int i = 0; i < run; i++) entries.Add(log.Append(2, 60));
            log.SaveCheckpoint();
        }
        Assert.That(_directory.Segments.Count(), Is.LessThanOrEqualTo(entries.Count / 2), "a restart begins no segment of its own");
    }

    [Test]
    public void Sequences_never_repeat_also_when_everything_was_released()
    {
        long next = 1;
        for (int run = 0; run < 12; run++)
        {
            using SegmentLog log = _directory.Open(out RecoveryReport report);
            Assert.That(log.NextSequence, Is.EqualTo(next));
            Assert.That(report.Messages, Is.Zero);
            for (int i = 0; i < run; i++) next = log.Append(3, 150).End;
            log.Release(next);
            Assert.That(log.Messages, Is.Zero);
            Assert.That(log.FirstSequence, Is.EqualTo(next));
            log.SaveCheckpoint();
        }
    }

    [Test]
    public void Sequences_do_not_repeat_where_only_the_checkpoint_is_left()
    {
        using (SegmentLog log = _directory.Open())
        {
            log.Append(9, 100);
            log.Release(4);
            log.SaveCheckpoint();
        }
        foreach (string name in _directory.Segments.ToArray()) _directory.Remove(name);
        using SegmentLog again = _directory.Open(out RecoveryReport report);
        Assert.That(again.NextSequence, Is.EqualTo(10));
        Assert.That(report.LostMessages, Is.EqualTo(6));
        Assert.That(again.Messages, Is.Zero);
        again.Append(2, 50);
        Assert.That(again.Messages, Is.EqualTo(2));
    }

    [Test]
    public void What_is_released_and_saved_is_not_read_again()
    {
        using (SegmentLog log = _directory.Open())
        {
            for (int i = 0; i < 10; i++) log.Append(2, 100);
            log.Release(8);
            log.SaveCheckpoint();
            log.Release(14);
        }
        using SegmentLog again = _directory.Open(out RecoveryReport report);
        Assert.That(again.FirstSequence, Is.GreaterThanOrEqualTo(8), "released and saved");
        Assert.That(again.FirstSequence, Is.LessThanOrEqualTo(14));
        Assert.That(again.ReadAll()[^1].End, Is.EqualTo(21));
        Assert.That(report.IsClean);
    }

    [Test]
    public void Released_segments_leave_the_disk_but_one_that_is_used_again()
    {
        using SegmentLog log = _directory.Open();
        for (int i = 0; i < 30; i++) log.Append(1, 200);
        long all = log.Bytes;
        log.Release(log.NextSequence);
        Assert.That(_directory.Names, Is.EquivalentTo((string[])["spare", _directory.Segments.Single()]));
        Assert.That(log.Bytes, Is.EqualTo(1024).And.LessThan(all));
        Assert.That(log.GrowthOf(400), Is.Zero, "the spare is there already");
        log.Append(1, 400);
        Assert.That(_directory.Names, Has.No.Member("spare"));
        Assert.That(log.Bytes, Is.EqualTo(1024));
    }

    [Test]
    public void Recycled_segments_never_bring_old_blocks_back()
    {
        // Every message is as long as every other, so new headers come to lie exactly where old ones were.
        List<Entry> held = [];
        SegmentLog log = _directory.Open();
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < 2; i++) held.Add(log.Append(1, 60));
            log.Release(log.NextSequence - 2);
            held.RemoveAll(entry => entry.End <= log.FirstSequence);

            // The process dies; the checkpoint is lost, so all that still looks like a block would be delivered.
            log.Dispose();
            log = _directory.Open(out RecoveryReport report);
            List<Entry> read = log.ReadAll();
            Assert.That(read[^held.Count..], Is.EqualTo(held));
            Assert.That(read, Is.Ordered.By(nameof(Entry.First)));
            Assert.That(read[0].First, Is.GreaterThan(held[0].First - 9), "older ones are gone with their segments");
            Assert.That((report.LostMessages, report.TornBytes, log.LostMessages), Is.EqualTo((0, 0, 0)));
        }
        log.Dispose();
    }

    [Test]
    public void Dropping_the_oldest_says_how_many_undelivered_messages_went()
    {
        using SegmentLog log = _directory.Open();
        List<Entry> entries = [.. Enumerable.Range(0, 9).Select(_ => log.Append(5, 190))];
        SegmentLogCursor cursor = log.CursorAt(1);
        log.ReadOn(ref cursor, 1);
        log.Release(4);
        Assert.That(log.DropOldest(), Is.EqualTo(7), "two blocks of five, three of them delivered");
        Assert.That(log.FirstSequence, Is.EqualTo(11));
        Assert.That(log.ReadOn(ref cursor), Is.EqualTo(entries[2..]), "a reader in it goes on behind it");
        Assert.That(log.DropOldest(taken: 18), Is.EqualTo(3), "what is in the caller's hands is not lost");
        while (log.CanDropOldest) log.DropOldest();
        Assert.That(log.DropOldest(), Is.Zero);
        Assert.That(log.Messages, Is.EqualTo(5), "the segment being filled stays");
        Assert.That(log.Bytes, Is.EqualTo(512), "a dropped segment gives its room back");
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_segment_that_leaves_while_it_is_opened_for_reading_is_gone_and_not_damaged(bool isDropped)
    {
        using SegmentLog log = _directory.Open();
        List<Entry> entries = [.. Enumerable.Range(0, 9).Select(_ => log.Append(5, 190))];
        string first = _directory.Segments.First();
        SegmentLogCursor cursor = log.CursorAt(1);
        _directory.BeforeOpen = name =>
        {
            if (name != first) return;
            if (isDropped) log.DropOldest();
            else log.Release(entries[2].First);
        };
        Assert.That(log.ReadOn(ref cursor), Is.EqualTo(entries[2..]), "reading goes on with what is held");
        Assert.That(_directory.Names, Has.No.Member(first));
        Assert.That(log.LostMessages, Is.Zero);
    }

    [Test]
    public void A_segment_that_leaves_while_it_is_opened_to_be_flushed_is_forgiven()
    {
        SegmentLog first = _directory.Open();
        for (int i = 0; i < 9; i++) first.Append(5, 190);
        first.Dispose();
        using SegmentLog log = _directory.Open();
        _directory.BeforeOpen = _ => log.DropOldest();
        Assert.That(log.Sync, Throws.Nothing);
    }

    [Test]
    public void A_failing_place_is_left_after_a_few_attempts()
    {
        using SegmentLog log = _directory.Open();
        Entry first = log.Append(1, 50);
        for (int i = 0; i < 3; i++)
        {
            _directory.FailAt(0, Fault.TornWrite);
            Assert.That(() => log.Append(1, 50), Throws.InstanceOf<IOException>());
        }
        Entry second = log.Append(1, 50);
        Assert.That(second.First, Is.EqualTo(2));
        Assert.That(_directory.Segments.Count(), Is.EqualTo(2));
        Assert.That(log.ReadAll(), Is.EqualTo((Entry[])[first, second]));
        log.Dispose();
        using SegmentLog again = _directory.Open(out RecoveryReport report);
        Assert.That(again.ReadAll(), Is.EqualTo((Entry[])[first, second]));
        Assert.That(report.LostMessages, Is.Zero);
    }

    [Test]
    public void A_full_disk_leaves_nothing_behind_and_is_over_when_there_is_room()
    {
        using SegmentLog log = _directory.Open();
        Entry first = log.Append(1, 400);
        for (int i = 0; i < 10; i++)
        {
            _directory.FailAt(0, Fault.NoSpace);
            Assert.That(() => log.Append(1, 400), Throws.InstanceOf<IOException>());
        }
        Assert.That(_directory.Segments.Count(), Is.EqualTo(1));
        Assert.That(log.Bytes, Is.EqualTo(512));
        Entry second = log.Append(1, 400);
        Assert.That(log.ReadAll(), Is.EqualTo((Entry[])[first, second]));
    }

    [Test]
    public void Appending_and_reading_allocate_nothing_once_warm()
    {
        using TempDirectory temp = new();
        using SpoolDirectory directory = new(temp["spool"]);
        using SegmentLog log = SegmentLog.Open(directory, new SegmentLogOptions { SegmentSize = 64 << 20 }, out _);
        Block block = new(Block.Capacity);
        byte[] payload = new byte[60_000];
        Func<int, Block> rent = _ => block;
        SegmentLogCursor cursor = log.CursorAt(1);
        void Turn()
        {
            for (int i = 0; i < 100; i++) log.Append(payload, 200);
            for (int i = 0; i < 100; i++)
            {
                if (!log.TryRead(ref cursor, rent, out _)) throw new InvalidOperationException();
                log.Release(cursor.Sequence);
            }
            log.SaveCheckpoint();
        }
        for (int i = 0; i < 5; i++) Turn();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5; i++) Turn();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void A_reader_of_a_big_log_stays_within_a_few_megabytes()
    {
        using TempDirectory temp = new();
        using SpoolDirectory directory = new(temp["spool"]);
        byte[] payload = new byte[60_000];
        Random.Shared.NextBytes(payload);
        const int Blocks = 5000; // 300 MB
        using (SegmentLog log = SegmentLog.Open(directory, new SegmentLogOptions(), out _))
        {
            for (int i = 0; i < Blocks; i++) log.Append(payload, 200);
        }

        long before = GC.GetTotalAllocatedBytes(precise: true);
        using SegmentLog big = SegmentLog.Open(directory, new SegmentLogOptions(), out RecoveryReport report);
        Assert.That(report.Messages, Is.EqualTo(Blocks * 200));
        Block block = new(Block.Capacity);
        SegmentLogCursor cursor = big.CursorAt(1);
        int read = 0;
        while (big.TryRead(ref cursor, _ => block, out Block? got))
        {
            if (got.Length == payload.Length) read++;
            big.Release(cursor.Sequence);
        }
        Assert.That(read, Is.EqualTo(Blocks));
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(4 << 20), "all that was ever allocated, living or not");
        Assert.That(big.Bytes, Is.LessThanOrEqualTo(32 << 20));
    }

    [Test]
    public void One_appends_one_reads_and_releases_and_others_sync_save_and_drop_at_the_same_time()
    {
        using TempDirectory temp = new();
        using SpoolDirectory directory = new(temp["spool"]);
        using SegmentLog log = SegmentLog.Open(directory, new SegmentLogOptions { SegmentSize = 8192 }, out _);
        const int Blocks = 20_000;
        long dropped = 0;
        long readMessages = 0;
        bool appended = false;
        List<Exception> failures = [];
        Thread Run(Action action) => new(() =>
        {
            try
            {
                action();
            }
            catch (Exception failure)
            {
                lock (failures) failures.Add(failure);
            }
        });
        Thread[] threads =
        [
            Run(() =>
            {
                for (int i = 0; i < Blocks; i++) log.Append(1 + (i % 3), 20 + (i % 900));
                Volatile.Write(ref appended, true);
            }),
            Run(() =>
            {
                Block block = new(Block.Capacity);
                SegmentLogCursor cursor = log.CursorAt(1);
                while (true)
                {
                    bool wasLast = Volatile.Read(ref appended);
                    if (log.TryRead(ref cursor, _ => block, out Block? got))
                    {
                        string expected = Logs.Payload(got.FirstSequence, got.Messages, got.Length);
                        if (Logs.Entry(got).Payload != expected) throw new InvalidOperationException($"read {Logs.Entry(got)}");
                        readMessages += got.Messages;
                        log.Release(cursor.Sequence);
                    }
                    else if (wasLast)
                    {
                        return;
                    }
                }
            }),
            Run(() =>
            {
                while (!Volatile.Read(ref appended))
                {
                    log.Sync();
                    log.SaveCheckpoint();
                    if (log.Bytes > 100_000) dropped += log.DropOldest();
                }
            }),
        ];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.That(failures, Is.Empty);
        Assert.That(log.LostMessages, Is.Zero);
        Assert.That(log.Messages, Is.Zero);

        // A block may be both in the reader's hands and dropped.
        Assert.That(readMessages + dropped, Is.GreaterThanOrEqualTo(log.NextSequence - 1));
        Assert.That(readMessages, Is.LessThanOrEqualTo(log.NextSequence - 1));
    }
}
