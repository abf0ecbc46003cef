using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

/// <summary>Blocks in plain memory, by the thousand, and what becomes of a message for which there is none.</summary>
[TestFixture]
internal sealed class PlainMemoryTests
{
    [Test]
    public void The_blocks_of_a_backlog_of_five_gigabytes_are_few_mappings()
    {
        const int Count = 75_000;
        int before = File.ReadLines("/proc/self/maps").Count();
        List<Block> blocks = new(Count);
        try
        {
            for (int i = 0; i < Count; i++) blocks.Add(new Block(Block.Capacity));
            Assert.That(File.ReadLines("/proc/self/maps").Count() - before, Is.LessThan(1000), "of 65,530 that a process may have");
        }
        finally
        {
            foreach (Block block in blocks) block.Free();
        }
    }

    [Test]
    public void Messages_for_which_the_system_gives_no_memory_are_dropped_counted_and_said_and_the_others_arrive()
    {
        const int Length = Block.Capacity / 2;
        int blocks = 3;
        List<DropReason> said = [];
        OutputCounters counters = new("file", isRelay: false, 1 << 30);
        BlockPool pool = new(null, capacity => blocks-- > 0 ? new Block(capacity) : throw new MemoryRefusedException("no memory"));
        MemoryQueue spool = new(counters, pool, new WhenFullBarrier(), WhenFull.DropOldest, 1 << 30, said.Add);
        for (int i = 0; i < 10; i++) Add((byte)('a' + i));
        OutputSnapshot read = counters.Read();
        Assert.That((read.Accepted, read.Queued, read.Dropped[(int)DropReason.OutOfMemory]), Is.EqualTo((10, 6, 4)));
        Assert.That(said, Is.EqualTo(new[] { DropReason.OutOfMemory }));

        // What waits is delivered, and gives room to the next; a second shortage is said again.
        Assert.That(Take(), Is.EqualTo("ab"));
        blocks = 0;
        for (int i = 10; i < 20; i++) Add((byte)('a' + i));
        Assert.That(said, Has.Count.EqualTo(2));
        Assert.That(string.Concat(Enumerable.Range(0, 3).Select(_ => Take())), Is.EqualTo("cdefkl"));
        read = counters.Read();
        Assert.That((read.Accepted, read.Delivered, read.Queued, read.Dropped[(int)DropReason.OutOfMemory]), Is.EqualTo((20, 8, 0, 12)));

        void Add(byte letter)
        {
            using (spool.Enter())
            {
                Span<byte> room = spool.ReserveUnsynchronized(Length);
                if (room.IsEmpty) return;
                room.Fill(letter);
                spool.CommitUnsynchronized();
            }
        }

        string Take()
        {
            Block block = spool.TryTake()!;
            string letters = $"{(char)block.Bytes.Span[0]}{(char)block.Bytes.Span[^1]}";
            spool.Settle(block);
            spool.Recycle(block);
            return letters;
        }
    }
}
