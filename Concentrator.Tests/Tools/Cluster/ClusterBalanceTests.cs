using Concentrator.Tools.Cluster;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Cluster;

/// <summary>The arithmetic of the balance, against a cluster of which everything is known.</summary>
internal sealed class ClusterBalanceTests
{
    private enum Event
    {
        HandOver,
        Settle,
        Lose,
        StoreTwice,
    }

    private static readonly Gen<Event[]> Flow = Gen.Frequency((8, Gen.Constant(Event.HandOver)), (8, Gen.Constant(Event.Settle))).ArrayOf();

    private static readonly Gen<Event[]> Faults = Gen.Frequency(
        (8, Gen.Constant(Event.HandOver)), (8, Gen.Constant(Event.Settle)), (1, Gen.Constant(Event.Lose)), (1, Gen.Constant(Event.StoreTwice))).ArrayOf();

    [Test]
    public void At_rest_what_is_missing_or_too_many_is_known_to_the_message() => Prop.ForAll(Faults.ToArbitrary(), static events =>
    {
        Model model = new();
        foreach (Event happens in events) model.Do(happens);
        ClusterBalance balance = ClusterBalance.Of(model.Totals, model.InStream.Count, model.Totals);
        return balance.Least == model.Missing && balance.Most == model.Missing && balance.IsBalanced == (model.Missing == 0)
            && balance.Missing == Math.Max(0, model.Missing) && balance.Surplus == Math.Max(0, -model.Missing) && balance.Moved == 0;
    }).QuickCheckThrowOnFailure();

    [Test]
    public void While_messages_flow_it_never_finds_fault_where_there_is_none_and_never_more_than_there_is() => Prop.ForAll(
        Faults.ToArbitrary(), Flow.ToArbitrary(), Flow.ToArbitrary(),
        static (past, during, later) =>
        {
            Model model = new();
            foreach (Event happens in past) model.Do(happens);
            ClusterTotals before = model.Totals;

            // Messages are looked at one after the other, while others come and go.
            int counted = 0;
            long lookedUpTo = -1;
            foreach (Event happens in during)
            {
                model.Do(happens);
                TryLook();
            }
            while (TryLook())
            {
            }
            foreach (Event happens in later) model.Do(happens);
            ClusterBalance balance = ClusterBalance.Of(before, counted, model.Totals);
            return balance.Least <= model.Missing && model.Missing <= balance.Most && (model.Missing != 0 || balance.IsBalanced);

            bool TryLook()
            {
                foreach (long message in model.InStream)
                {
                    if (message <= lookedUpTo) continue;
                    lookedUpTo = message;
                    counted++;
                    return true;
                }
                return false;
            }
        }).QuickCheckThrowOnFailure();

    [Test]
    public void What_is_not_counted_is_computed_and_cannot_be_less_than_a_message_for_each_block()
    {
        ConsumerView enough = ConsumerView.Of("relays", default, new StreamBacklog(10, null), new ClusterTotals(500, 100));
        Assert.That((enough.InStream, enough.IsCounted), Is.EqualTo((400L, false)));
        ConsumerView less = ConsumerView.Of("relays", new ClusterTotals(105, 100), new StreamBacklog(10, null), new ClusterTotals(105, 100));
        Assert.That((less.Balance.IsBalanced, less.Balance.Surplus), Is.EqualTo((false, 5L)));
    }

    private sealed class Model
    {
        private long _next;
        private long _handedOver;
        private long _settled;

        public SortedSet<long> InStream { get; } = [];

        public ClusterTotals Totals => new(_handedOver, _settled);

        /// <summary>Lost less stored twice.</summary>
        public long Missing { get; private set; }

        public void Do(Event happens)
        {
            switch (happens)
            {
                case Event.HandOver:
                    _handedOver++;
                    InStream.Add(_next++);
                    break;
                case Event.StoreTwice:
                    InStream.Add(_next++);
                    Missing--;
                    break;
                case Event.Settle when InStream.Count > 0:
                    InStream.Remove(InStream.Min);
                    _settled++;
                    break;
                case Event.Lose when InStream.Count > 0:
                    InStream.Remove(InStream.Max);
                    Missing++;
                    break;
            }
        }
    }
}
