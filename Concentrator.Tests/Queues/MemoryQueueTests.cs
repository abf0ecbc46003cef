using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

[TestFixture]
internal sealed class MemoryQueueTests
{
    private readonly List<DropReason> _fullReported = [];
    private OutputCounters _counters = null!;
    private WhenFullBarrier _backPressure = null!;

    [SetUp]
    public void Forget() => _fullReported.Clear();

    [Test]
    public void Messages_leave_in_the_order_in_which_they_came()
    {
        MemoryQueue spool = Make(limit: 10_000_000);
        for (int i = 0; i < 20_000; i++) Append(spool, $"message {i} of twenty thousand\n");
        Assert.That(TakeAllText(spool), Is.EqualTo(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"message {i} of twenty thousand\n"))));
    }

    [Test]
    public void A_quiet_spool_gives_the_block_that_is_still_being_filled()
    {
        MemoryQueue spool = Make();
        Append(spool, "one");
        Block block = spool.TryTake()!;
        Assert.That(Text(block), Is.EqualTo("one"));
        Append(spool, "two");
        Assert.That(Text(spool.TryTake()!), Is.EqualTo("two"), "what came later is in another block");
    }

    [Test]
    public void A_message_longer_than_a_block_gets_a_block_of_its_own_between_its_neighbours()
    {
        MemoryQueue spool = Make(limit: 10_000_000);
        string giant = new('g', Block.Capacity + 1);
        Append(spool, "before");
        Append(spool, giant);
        Append(spool, "after");
        Assert.That(TakeAllText(spool), Is.EqualTo("before" + giant + "after"));
    }

    [Test]
    public void Blocks_given_back_come_again_first_and_in_their_order()
    {
        MemoryQueue spool = Make();
        BlockList taken = default;
        foreach (string text in new[] { "a", "b", "c" })
        {
            Append(spool, text);
            taken.Append(spool.TryTake()!);
        }
        Append(spool, "d");
        spool.GiveBack(ref taken);
        Assert.That(taken.IsEmpty);
        Assert.That(TakeAllText(spool), Is.EqualTo("abcd"));
    }

    [Test]
    public void Full_and_dropping_the_oldest_keeps_the_newest_and_counts_the_rest()
    {
        MemoryQueue spool = Make(limit: 4 * Block.Capacity);
        string text = new('x', 1000);
        for (int i = 0; i < 1000; i++) Append(spool, text);
        OutputSnapshot ledger = _counters.Read();
        Assert.Multiple(() =>
        {
            Assert.That(ledger.Accepted, Is.EqualTo(1000));
            Assert.That(ledger.Dropped[(int)DropReason.QueueFullOldest], Is.EqualTo(1000 - ledger.Queued).And.GreaterThan(700));
            Assert.That(ledger.QueuedBytes, Is.LessThanOrEqualTo(4 * Block.Capacity).And.EqualTo(ledger.Queued * 1000));
            Assert.That(ledger.Balances);
            Assert.That(_fullReported, Is.EqualTo(new[] { DropReason.QueueFullOldest }), "said once");
        });
    }

    [Test]
    public void Full_and_dropping_the_newest_keeps_the_oldest_and_counts_the_rest()
    {
        MemoryQueue spool = Make(limit: 10_000, whenFull: WhenFull.DropNewest);
        for (int i = 0; i < 100; i++) Append(spool, $"{i:D3}" + new string('x', 997));
        OutputSnapshot ledger = _counters.Read();
        Assert.That(ledger.Dropped[(int)DropReason.QueueFullNewest], Is.EqualTo(90));
        Assert.That(ledger.Balances);
        Assert.That(TakeAllText(spool), Does.StartWith("000").And.Length.EqualTo(10_000));
    }

    [Test]
    public void Blocks_in_the_targets_hands_are_never_dropped_for_newer_ones()
    {
        MemoryQueue spool = Make(limit: 1000);
        Append(spool, new string('a', 900));
        Block held = spool.TryTake()!;
        Append(spool, new string('b', 200));
        Assert.That(spool.TryTake(), Is.Null, "there was no room");
        spool.Settle(held);
        OutputSnapshot ledger = _counters.Read();
        Assert.That((ledger.Delivered, ledger.DroppedTotal, ledger.Balances), Is.EqualTo((1L, 1L, true)));
    }

    [Test]
    public void Replayed_blocks_come_first_and_are_counted_by_nobody_again()
    {
        MemoryQueue spool = Make(limit: 1000);
        Append(spool, "once");
        Block block = spool.TryTake()!;
        spool.Settle(block);
        block.IsReplay = true;
        BlockList again = default;
        again.Append(block);
        spool.GiveBack(ref again);
        Append(spool, "next");
        Assert.That(TakeAllText(spool), Is.EqualTo("oncenext"));
        Assert.That((_counters.Read().Accepted, _counters.Read().Delivered, _counters.Read().QueuedBytes), Is.EqualTo((2L, 2L, 0L)));

        again.Append(block);
        spool.GiveBack(ref again);
        for (int i = 0; i < 3; i++) Append(spool, new string('x', 400));
        Assert.That(_counters.Read().Balances, "a replayed block makes way for new ones without being counted");
    }

    [Test]
    public void Blocking_closes_the_back_pressure_when_full_and_opens_it_when_drained()
    {
        MemoryQueue spool = Make(limit: 1000, whenFull: WhenFull.Block);
        Append(spool, new string('a', 900));
        Assert.That(_backPressure.Room.IsCompleted);
        Append(spool, new string('b', 200));
        Task room = _backPressure.Room;
        Assert.That(room.IsCompleted, Is.False);
        Assert.That(_counters.Read().DroppedTotal, Is.Zero);
        spool.Settle(spool.TryTake()!);
        Assert.That(room.IsCompleted);
        Assert.That(_backPressure.Room.IsCompleted);
    }

    [Test]
    public void An_idle_consumer_is_woken_once_and_a_busy_one_not()
    {
        MemoryQueue spool = Make();
        int woken = 0;
        spool.WakeConsumer = () => woken++;
        Append(spool, "nobody waits yet");
        spool.Publish();
        Assert.That(woken, Is.Zero);
        Assert.That(spool.TryTake(), Is.Not.Null);
        Assert.That(spool.TryTake(), Is.Null, "now the consumer is idle");
        spool.Publish();
        Assert.That(woken, Is.Zero, "there is nothing to wake for");
        Append(spool, "a");
        spool.Publish();
        spool.Publish();
        Assert.That(woken, Is.EqualTo(1));
    }

    [Test]
    public void What_is_left_when_an_output_ends_is_dropped_and_counted_with_its_reason()
    {
        MemoryQueue spool = Make();
        Append(spool, "left");
        spool.Close();
        Assert.That(spool.End(DropReason.Shutdown), Is.EqualTo(1));
        Append(spool, "late");
        OutputSnapshot ledger = _counters.Read();
        Assert.That(ledger.Dropped[(int)DropReason.Shutdown], Is.EqualTo(1));
        Assert.That(ledger.Dropped[(int)DropReason.OutputRemoved], Is.EqualTo(1), "a message that comes after the end is refused and counted");
        Assert.That(ledger.Balances);
    }

    [Test]
    public void The_ledger_balances_at_every_moment_while_many_produce_and_one_consumes()
    {
        MemoryQueue spool = Make(limit: 200_000);
        using CancellationTokenSource stop = new();
        Thread[] producers = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 30_000; i++) Append(spool, "a message of some thirty-odd bytes");
        }))];
        Thread consumer = new(() =>
        {
            Random random = new(1);
            while (!stop.IsCancellationRequested || !spool.IsEmpty)
            {
                if (spool.TryTake() is not { } block) continue;
                BlockList back = default;
                if (random.Next(4) == 0)
                {
                    back.Append(block);
                    spool.GiveBack(ref back);
                }
                else
                {
                    spool.Settle(block);
                }
            }
        });
        int unbalanced = 0;
        foreach (Thread thread in producers) thread.Start();
        consumer.Start();
        while (producers.Any(static p => p.IsAlive))
        {
            if (!_counters.Read().Balances) unbalanced++;
        }
        stop.Cancel();
        consumer.Join();
        OutputSnapshot end = _counters.Read();
        Assert.That(unbalanced, Is.Zero);
        Assert.That(end.Accepted, Is.EqualTo(90_000));
        Assert.That(end.Delivered + end.DroppedTotal, Is.EqualTo(90_000));
        Assert.That(end.QueuedBytes, Is.Zero);
    }

    [Test]
    public void Filling_taking_and_settling_allocate_nothing_once_warm()
    {
        MemoryQueue spool = Make(limit: 10_000_000);
        void Turn()
        {
            for (int i = 0; i < 1000; i++)
            {
                using (spool.Enter()) spool.ReserveUnsynchronized(300).Fill((byte)'x');
            }
            spool.Publish();
            while (spool.TryTake() is { } block)
            {
                spool.Settle(block);
                spool.Recycle(block);
            }
        }
        Assert.That(Allocation.InSteadyState(Turn), Is.Zero);
    }

    [Test]
    public void Delivered_moves_by_message()
    {
        MemoryQueue spool = Make();
        foreach (string frame in new[] { "1 a", "2 bb", "3 ccc" }) Append(spool, frame);
        Block block = spool.TryTake()!;
        spool.SettleFirst(block, 2, 7);
        spool.SettleFirst(block, 1, 3);
        Assert.That((_counters.Read().Delivered, _counters.Read().Queued, _counters.Read().Balances), Is.EqualTo((2L, 1L, true)));
        spool.Settle(block);
        Assert.That((_counters.Read().Delivered, _counters.Read().Queued, _counters.Read().Balances), Is.EqualTo((3L, 0L, true)));
    }

    [Test]
    public void A_refused_message_that_was_counted_as_delivered_lets_no_counter_fall_and_the_ledger_balances()
    {
        MemoryQueue spool = Make();
        Append(spool, "1 a");
        Append(spool, "1 b");
        Block rest = spool.TryTake()!;
        spool.SettleFirst(rest, 1, 3);
        Block refused = rest.SplitFirst(3);
        Assert.That((Text(refused), Text(rest)), Is.EqualTo(("1 a", "1 b")));
        spool.Refuse(refused);
        spool.Recycle(refused);
        OutputSnapshot between = _counters.Read();
        Assert.That((between.Delivered, between.Queued, between.DroppedTotal, between.Balances), Is.EqualTo((1L, 1L, 0L, true)));
        spool.Settle(rest);
        OutputSnapshot end = _counters.Read();
        Assert.That((end.Delivered, end.Queued, end.Dropped[(int)DropReason.Refused], end.Balances), Is.EqualTo((1L, 0L, 1L, true)));
    }

    [Test]
    public void A_refused_message_that_was_queued_is_dropped_at_once()
    {
        MemoryQueue spool = Make();
        Append(spool, "1 a");
        Append(spool, "1 b");
        Block rest = spool.TryTake()!;
        spool.Refuse(rest.SplitFirst(3));
        spool.Settle(rest);
        OutputSnapshot end = _counters.Read();
        Assert.That((end.Delivered, end.Queued, end.Dropped[(int)DropReason.Refused], end.Balances), Is.EqualTo((1L, 0L, 1L, true)));
    }

    private MemoryQueue Make(long limit = 1_000_000, WhenFull whenFull = WhenFull.DropOldest)
    {
        _counters = new OutputCounters("test", isRelay: false, limit);
        _backPressure = new WhenFullBarrier();
        return new MemoryQueue(_counters, new BlockPool(), _backPressure, whenFull, limit, _fullReported.Add);
    }

    private static void Append(MemoryQueue spool, string text)
    {
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
        using (spool.Enter())
        {
            Span<byte> room = spool.ReserveUnsynchronized(bytes.Length);
            if (!room.IsEmpty) bytes.CopyTo(room);
        }
    }

    private static string Text(Block block) => System.Text.Encoding.ASCII.GetString(block.Bytes.Span);

    private static string TakeAllText(MemoryQueue spool)
    {
        System.Text.StringBuilder all = new();
        while (spool.TryTake() is { } block)
        {
            all.Append(Text(block));
            spool.Settle(block);
        }
        return all.ToString();
    }
}
