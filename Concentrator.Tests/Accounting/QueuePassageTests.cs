using Concentrator.Accounting;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Accounting;

/// <summary>One message followed by counters alone, against a list that knows each message.</summary>
[TestFixture]
internal sealed class QueuePassageTests
{
    private enum Kind
    {
        Arrive,
        ArriveAndBeRefusedAtOnce,
        ArriveEmpty,
        Deliver,
        RefuseFirst,
        DropFromTheMiddle,
    }

    private static readonly Gen<(Kind Kind, int Count)> Orderly = Gen.Frequency(
        (6, Gen.Choose(1, 5).Select(static n => (Kind.Arrive, n))),
        (2, Gen.Choose(1, 3).Select(static n => (Kind.ArriveAndBeRefusedAtOnce, n))),
        (1, Gen.Constant((Kind.ArriveEmpty, 1))),
        (5, Gen.Choose(1, 6).Select(static n => (Kind.Deliver, n))),
        (1, Gen.Constant((Kind.RefuseFirst, 1))));

    private static readonly Gen<(Kind Kind, int Count)> Any = Gen.Frequency(
        (12, Orderly), (1, Gen.Choose(1, 4).Select(static n => (Kind.DropFromTheMiddle, n))));

    [Test]
    public void Where_nothing_is_dropped_each_message_is_known_to_be_queued_or_delivered_at_every_moment() =>
        Check(Orderly, static (fate, truth) => fate.State == truth || (fate.State == MessageState.PerhapsDropped && truth is MessageState.Delivered or MessageState.Refused));

    [Test]
    public void A_message_that_was_dropped_is_never_called_delivered() =>
        Check(Any, static (fate, truth) => fate.State is not (MessageState.Delivered or MessageState.Refused) || fate.State == truth);

    [Test]
    public void Refusals_of_others_leave_a_message_that_is_looked_at_in_time_known()
    {
        OutputCounters counters = new("out", isRelay: true, 1000);
        using (counters.Gate.Enter()) counters.AcceptUnsynchronized(1);
        using (counters.Gate.Enter()) counters.AcceptUnsynchronized(1);
        QueuePlace second = Place(counters);
        using (counters.Gate.Enter()) counters.RefuseUnsynchronized(1, 1, 0);
        Assert.That(counters.FateOf(second).State, Is.EqualTo(MessageState.Queued));
        using (counters.Gate.Enter()) counters.DeliverUnsynchronized(1, 1);
        Assert.That(counters.FateOf(second).State, Is.EqualTo(MessageState.Delivered));
    }

    [Test]
    public void A_message_is_stored_when_the_memory_in_front_of_the_disk_has_written_it_and_not_when_it_went_around()
    {
        OutputCounters counters = new("out", isRelay: true, 1000);
        using (counters.Gate.Enter()) counters.RecoverUnsynchronized(10, 10);
        using (counters.Gate.Enter()) counters.AcceptUnsynchronized(1);
        QueuePlace first = Place(counters);
        using (counters.Gate.Enter()) counters.AcceptUnsynchronized(1);
        QueuePlace second = Place(counters);
        Assert.That(counters.FateOf(first).IsStored, Is.False);
        using (counters.Gate.Enter()) counters.LeaveMemoryUnsynchronized(1, isStored: true);
        Assert.That(counters.FateOf(first).IsStored);
        Assert.That(counters.FateOf(second).IsStored, Is.False);
        using (counters.Gate.Enter()) counters.LeaveMemoryUnsynchronized(1, isStored: false);
        Assert.That(counters.FateOf(second).IsStored, Is.False, "it is in memory alone");
        Assert.That(counters.FateOf(second).State, Is.EqualTo(MessageState.Queued));
    }

    private static void Check(Gen<(Kind Kind, int Count)> steps, Func<MessageFate, MessageState, bool> isRight) => Prop.ForAll(
        Arb.From(steps.ArrayOf(60)), sample =>
        {
            OutputCounters counters = new("out", isRelay: true, 1000);
            List<(QueuePlace Place, int Index)> places = [];
            List<MessageState> truth = [];
            List<int> queue = [];
            foreach ((Kind kind, int count) in sample)
            {
                for (int i = 0; i < count; i++) Do(kind, counters, places, truth, queue);
                if (!places.TrueForAll(p => isRight(counters.FateOf(p.Place), truth[p.Index]))) return false;
                if (!counters.Read().Balances) return false;
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static void Do(Kind kind, OutputCounters counters, List<(QueuePlace Place, int Index)> places, List<MessageState> truth, List<int> queue)
    {
        using Lock.Scope scope = counters.Gate.Enter();
        switch (kind)
        {
            case Kind.Arrive:
                counters.AcceptUnsynchronized(1);
                queue.Add(truth.Count);
                places.Add((counters.LastPlaceUnsynchronized, truth.Count));
                truth.Add(MessageState.Queued);
                break;
            case Kind.ArriveAndBeRefusedAtOnce:
                counters.RefuseUnsynchronized(DropReason.QueueFullNewest);
                break;
            case Kind.ArriveEmpty:
                counters.AcceptEmptyUnsynchronized();
                break;
            case Kind.Deliver when queue.Count > 0:
                counters.DeliverUnsynchronized(1, 1);
                Leave(0, MessageState.Delivered);
                break;
            case Kind.RefuseFirst when queue.Count > 0:
                counters.RefuseUnsynchronized(1, 1, 0);
                Leave(0, MessageState.Refused);
                break;
            case Kind.DropFromTheMiddle when queue.Count > 1:
                counters.DropUnsynchronized(DropReason.QueueFullOldest, 1, 1);
                Leave(queue.Count / 2, MessageState.PerhapsDropped);
                break;
        }

        void Leave(int at, MessageState how)
        {
            truth[queue[at]] = how;
            queue.RemoveAt(at);
        }
    }

    private static QueuePlace Place(OutputCounters counters)
    {
        using (counters.Gate.Enter()) return counters.LastPlaceUnsynchronized;
    }
}
