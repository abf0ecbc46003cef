using Concentrator.Accounting;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Accounting;

/// <summary>
/// Receipts by counting alone, against a list that knows each message: a receipt is never settled while a message of its batch is queued, and
/// always once the queue is empty.
/// </summary>
[TestFixture]
internal sealed class DeliveryReceiptTests
{
    private enum Kind
    {
        Arrive,
        ArriveAndBeRefusedAtOnce,
        ArriveEmpty,
        TakeReceipt,
        DeliverFromTheFront,
        RefuseTheFirst,
        RefuseOneThatWasDelivered,
        DropTheOldest,
        DropTheNewest,
        DropFromTheMiddle,
        BeginOtherQueue,
        DeliverOfTheOtherQueue,
    }

    private static readonly Gen<(Kind Kind, int Count)> Steps = Gen.Frequency(
        (8, Gen.Choose(1, 6).Select(static n => (Kind.Arrive, n))),
        (2, Gen.Choose(1, 3).Select(static n => (Kind.ArriveAndBeRefusedAtOnce, n))),
        (1, Gen.Constant((Kind.ArriveEmpty, 1))),
        (6, Gen.Constant((Kind.TakeReceipt, 1))),
        (8, Gen.Choose(1, 7).Select(static n => (Kind.DeliverFromTheFront, n))),
        (1, Gen.Constant((Kind.RefuseTheFirst, 1))),
        (1, Gen.Constant((Kind.RefuseOneThatWasDelivered, 1))),
        (1, Gen.Choose(1, 4).Select(static n => (Kind.DropTheOldest, n))),
        (1, Gen.Choose(1, 4).Select(static n => (Kind.DropTheNewest, n))),
        (1, Gen.Choose(1, 4).Select(static n => (Kind.DropFromTheMiddle, n))),
        (1, Gen.Constant((Kind.BeginOtherQueue, 1))),
        (2, Gen.Choose(1, 4).Select(static n => (Kind.DeliverOfTheOtherQueue, n))));

    [Test]
    public void A_receipt_is_never_settled_while_a_message_of_its_batch_is_queued_and_always_when_nothing_is() =>
        Prop.ForAll(Arb.From(Steps.ArrayOf(80)), static steps => Play(steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Test]
    public void Without_drops_a_receipt_is_settled_with_the_last_message_of_its_batch()
    {
        OutputCounters counters = new("out", isRelay: true, 1000);
        Accept(counters, 3);
        DeliveryReceipt first = Receipt(counters);
        Accept(counters, 3);
        DeliveryReceipt second = Receipt(counters);
        Deliver(counters, 2);
        Assert.That(first.IsSettled, Is.False);
        Deliver(counters, 1);
        Assert.That((first.IsSettled, second.IsSettled), Is.EqualTo((true, false)));
        Deliver(counters, 3);
        Assert.That(second.IsSettled);
    }

    [Test]
    public void The_newest_messages_that_are_dropped_do_not_stand_for_older_ones()
    {
        OutputCounters counters = new("out", isRelay: true, 1000);
        Accept(counters, 3);
        DeliveryReceipt first = Receipt(counters);
        Accept(counters, 3);
        using (counters.Gate.Enter()) counters.DropUnsynchronized(DropReason.QueueFullNewest, 3, 3);
        Assert.That(first.IsSettled, Is.False, "all three of it are queued");
        Deliver(counters, 3);
        Assert.That(first.IsSettled);
    }

    [Test]
    public void A_batch_that_went_nowhere_is_settled() => Assert.That(new DeliveryReceipt([]).IsSettled);

    private static bool Play((Kind Kind, int Count)[] steps)
    {
        OutputCounters counters = new("out", isRelay: true, 1000);
        List<(int Message, int Queue)> queued = [];
        List<(DeliveryReceipt Receipt, HashSet<int> Batch)> receipts = [];
        int next = 0;
        int queue = 0;
        HashSet<int> batch = [];
        foreach ((Kind kind, int count) in steps)
        {
            using (counters.Gate.Enter())
            {
                switch (kind)
                {
                    case Kind.Arrive:
                        for (int i = 0; i < count; i++)
                        {
                            counters.AcceptUnsynchronized(1);
                            batch.Add(next);
                            queued.Add((next++, queue));
                        }
                        break;
                    case Kind.ArriveAndBeRefusedAtOnce:
                        for (int i = 0; i < count; i++) counters.RefuseUnsynchronized(DropReason.QueueFullNewest);
                        break;
                    case Kind.ArriveEmpty:
                        counters.AcceptEmptyUnsynchronized();
                        break;
                    case Kind.DeliverFromTheFront:
                        Leave(0, n => counters.DeliverUnsynchronized(n, n), oldest: true);
                        break;
                    case Kind.RefuseTheFirst when queued.Count > 0:
                        counters.RefuseUnsynchronized(1, 1, 0);
                        queued.RemoveAt(0);
                        break;
                    case Kind.RefuseOneThatWasDelivered:
                        counters.RefuseUnsynchronized(0, 0, 1);
                        break;
                    case Kind.DropTheOldest:
                        Drop(0);
                        break;
                    case Kind.DropTheNewest:
                        Drop(Math.Max(0, queued.Count - count));
                        break;
                    case Kind.DropFromTheMiddle:
                        Drop(queued.Count / 2);
                        break;
                    case Kind.DeliverOfTheOtherQueue when queue > 0:
                        int at = queued.FindIndex(q => q.Queue == queue);
                        if (at >= 0) Leave(at, n => counters.DeliverUnsynchronized(n, n), oldest: false);
                        break;
                }

                void Drop(int from) => Leave(from, n => counters.DropUnsynchronized(DropReason.QueueFullOldest, n, n), oldest: false);

                void Leave(int from, Action<long> leave, bool oldest)
                {
                    int n = Math.Min(count, queued.Count - from);

                    // One queue delivers its own.
                    if (kind == Kind.DeliverOfTheOtherQueue) n = Math.Min(n, queued.Skip(from).TakeWhile(q => q.Queue == queue).Count());
                    if (oldest && n > 0) n = queued.Take(n).TakeWhile(q => q.Queue == queued[0].Queue).Count();
                    if (n <= 0) return;
                    leave(n);
                    queued.RemoveRange(from, n);
                }
            }
            if (kind == Kind.TakeReceipt)
            {
                receipts.Add((Receipt(counters), batch));
                batch = [];
            }

            // A reload changes the kind of an output; the old queue is emptied beside the new one.
            if (kind == Kind.BeginOtherQueue && queued.All(q => q.Queue == queue))
            {
                counters.BeginOtherQueue();
                queue++;
            }
            HashSet<int> still = [.. queued.Select(static q => q.Message)];
            foreach ((DeliveryReceipt receipt, HashSet<int> of) in receipts)
            {
                if (receipt.IsSettled && of.Overlaps(still)) return false;
                if (queued.Count == 0 && !receipt.IsSettled) return false;
            }
        }
        return true;
    }

    private static DeliveryReceipt Receipt(OutputCounters counters) => new([(counters, counters.AcceptedUpTo)]);

    private static void Accept(OutputCounters counters, int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            using (counters.Gate.Enter()) counters.AcceptUnsynchronized(1);
        }
    }

    private static void Deliver(OutputCounters counters, int messages)
    {
        using (counters.Gate.Enter()) counters.DeliverUnsynchronized(messages, messages);
    }
}
