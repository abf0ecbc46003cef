using System.Globalization;
using Concentrator.Queues.Blocks;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Queues.Segments;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

/// <summary>
/// The queue of a relay against a simple list: messages come, blocks are taken, given back and settled in any interleaving,
/// the disk fails and works again, the queue ends and begins anew. The relay sees every message, once, in order.
/// </summary>
[Parallelizable]
internal sealed class DiskQueueModelTests
{
    private static readonly Gen<Step> Steps = Gen.Frequency(
        (8, from count in Gen.Choose(1, 20) from length in Gen.Choose(20, 1500) select new Step(Kind.Append, count, length)),
        (8, from count in Gen.Choose(1, 6) select new Step(Kind.Take, count, 0)),
        (3, from count in Gen.Choose(1, 6) select new Step(Kind.GiveBack, count, 0)),
        (6, from count in Gen.Choose(1, 6) select new Step(Kind.Settle, count, 0)),
        (1, from fault in Gen.Choose(0, 4) from calls in Gen.Choose(0, 9) select new Step(Kind.Fail, fault, calls)),
        (1, Gen.Constant(new Step(Kind.FailFromNowOn, 0, 0))),
        (2, Gen.Constant(new Step(Kind.Heal, 0, 0))),
        (2, Gen.Constant(new Step(Kind.Pass, 0, 0))),
        (1, Gen.Constant(new Step(Kind.Restart, 0, 0))));

    private enum Kind
    {
        Append,
        Take,
        GiveBack,
        Settle,
        Fail,
        FailFromNowOn,
        Heal,
        Pass,
        Restart,
    }

    [Test]
    public void Every_message_is_delivered_once_and_in_order() => Play(stories: 60);

    [Test]
    [Category("Soak")]
    [Explicit("full size: dotnet test --filter Category=Soak")]
    public void Every_message_is_delivered_once_and_in_order_in_many_more_stories() => Play(stories: 3000);

    private static void Play(int stories) =>
        Prop.ForAll(Arb.From(Steps.ArrayOf(40)), static steps => Play(steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(stories));

    private static bool Play(Step[] steps)
    {
        using Run run = new();
        foreach (Step step in steps) run.Do(step);
        run.Finish();
        return true;
    }

    private sealed record Step(Kind Kind, int A, int B)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind}({A},{B})");
    }

    private sealed class Run : IDisposable
    {
        private readonly List<(Block Block, int First)> _taken = [];
        private DiskQueueBench _bench = new(maxMemory: 20_000);
        private int _position;
        private bool _hasFailed;

        public void Do(Step step)
        {
            switch (step.Kind)
            {
                case Kind.Append:
                    for (int i = 0; i < step.A; i++) _bench.Append(step.B);
                    break;
                case Kind.Take:
                    for (int i = 0; i < step.A; i++) Take();
                    break;
                case Kind.GiveBack:
                    GiveBack(step.A);
                    break;
                case Kind.Settle:
                    Settle(step.A);
                    break;
                case Kind.Fail:
                    _hasFailed = true;
                    _bench.Directory.FailAt(step.B, (Fault)step.A);
                    break;
                case Kind.FailFromNowOn:
                    _hasFailed = true;
                    _bench.Directory.FailAt(0, Fault.Error, goesOn: true);
                    break;
                case Kind.Heal:
                    _bench.Directory.Heal();
                    break;
                case Kind.Pass:
                    _bench.Time.Advance(TimeSpan.FromSeconds(1));
                    break;
                case Kind.Restart when !_hasFailed:
                    // What only memory held, while the disk failed, ends with the queue.
                    Restart();
                    break;
            }
        }

        public void Finish()
        {
            _bench.Directory.Heal();
            _bench.Time.Advance(TimeSpan.FromSeconds(2));
            GiveBack(_taken.Count);
            List<int> rest = _bench.DeliverAll();
            Check(rest.SequenceEqual(Enumerable.Range(_position, _bench.Next - _position)), $"the rest is delivered: {string.Join(' ', rest)}");
            Check(_bench.Ledger is { DroppedTotal: 0, Queued: 0, Balances: true }, $"the ledger balances: {_bench}");
        }

        public void Dispose() => _bench.Dispose();

        private void Take()
        {
            Block? block = _bench.TryTake();
            if (block is null && _position < _bench.Next) Eventually.TryHold(() => (block = _bench.TryTake()) is not null, TimeSpan.FromMilliseconds(20));
            if (block is null) return;
            List<int> numbers = [.. DiskQueueBench.Numbers(block)];
            Check(numbers.SequenceEqual(Enumerable.Range(_position, numbers.Count)), $"at {_position} comes {string.Join(' ', numbers)}");
            Check(numbers.Count == block.Messages, "the block knows how many it holds");
            _taken.Add((block, _position));
            _position += numbers.Count;
        }

        /// <summary>The last ones that were taken, as after a lost connection.</summary>
        private void GiveBack(int count)
        {
            count = Math.Min(count, _taken.Count);
            if (count == 0) return;
            BlockList back = default;
            foreach ((Block block, _) in _taken[^count..]) back.Append(block);
            _position = _taken[^count].First;
            _taken.RemoveRange(_taken.Count - count, count);
            _bench.Queue.GiveBack(ref back);
        }

        private void Settle(int count)
        {
            count = Math.Min(count, _taken.Count);
            foreach ((Block block, _) in _taken[..count]) _bench.Deliver(block);
            _taken.RemoveRange(0, count);
        }

        private void Restart()
        {
            GiveBack(_taken.Count);
            long queued = _bench.Ledger.Queued;
            Check(_bench.End() == 0, "nothing is dropped at a stop while the disk works");
            MemoryDirectory directory = _bench.Directory;
            int next = _bench.Next;
            _bench.Dispose();
            _bench = new DiskQueueBench(directory, maxMemory: 20_000, firstMessage: next);
            Check(_bench.Ledger.Accepted == queued, $"what was queued is there again: {_bench.Ledger.Accepted} of {queued}");
        }

        private static void Check(bool holds, string what)
        {
            if (!holds) throw new InvalidOperationException(what);
        }
    }
}
