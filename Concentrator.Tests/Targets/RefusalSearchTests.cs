using Concentrator.Targets.Relays;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary>The search alone, against a peer that is played here.</summary>
internal sealed class RefusalSearchTests
{
    [Test]
    public void Any_message_of_a_block_is_found_and_no_other_is_sent_more_than_a_dozen_times([Values(2, 3, 100, 230, 1000)] int messages)
    {
        for (int bad = 0; bad < messages - 1; bad += Math.Max(1, messages / 50))
        {
            RefusalSearch search = Begun(messages);
            int[] sent = new int[messages];
            int front = 0;
            int trials = 0;
            bool found = false;
            while (!found && search.IsOn)
            {
                Assert.That(++trials, Is.LessThan(60));
                Trial trial = search.Next(messages - front, hasOthers: messages - front > 1);
                if (trial.IsWitness)
                {
                    sent[front + 1]++;
                    search.WitnessHeard(isTaken: true);
                    continue;
                }
                for (int i = front; i < front + trial.Messages; i++) sent[i]++;
                if (bad >= front && bad < front + trial.Messages)
                {
                    found = search.Failed(trial.Messages);
                }
                else
                {
                    search.Taken(trial.Messages);
                    front += trial.Messages;
                }
            }
            Assert.That((found, front, search.IsOn), Is.EqualTo((true, bad, false)));
            Assert.That(sent.Where((_, i) => i != bad).Max(), Is.LessThanOrEqualTo(12));
        }
    }

    [Test]
    public void A_peer_that_takes_nothing_ends_the_search()
    {
        RefusalSearch search = Begun(100);
        for (int trials = 0; search.IsOn; trials++)
        {
            Assert.That(trials, Is.LessThan(30));
            Trial trial = search.Next(100, hasOthers: true);
            if (trial.IsWitness) search.WitnessHeard(isTaken: false);
            else Assert.That(search.Failed(trial.Messages), Is.False);
        }
    }

    /// <summary>Blocks of a hundred messages, of which the peer refuses one, or none.</summary>
    [Test]
    public void Blocks_go_together_in_growing_numbers_while_they_are_taken([Values(-1, 0, 1, 30, 44)] int bad)
    {
        const int Many = 45;
        RefusalSearch search = Begun(Many * 100);
        int front = 0;
        int trials = 0;
        while (search.IsOn)
        {
            Assert.That(++trials, Is.LessThan(30));
            int blocks = Math.Min(search.Blocks, Many - front);
            bool fails = bad >= front && bad < front + blocks;
            if (fails && blocks == 1) break;
            if (fails)
            {
                search.FailedTogether();
                continue;
            }
            search.Taken(blocks * 100);
            front += blocks;
        }
        Assert.That(front, Is.EqualTo(bad < 0 ? Many : bad));
        if (bad < 0) Assert.That(trials, Is.LessThan(8));
        if (!search.IsOn) return;
        search.Failed(100);
        Assert.That(search.Blocks, Is.EqualTo(1));
    }

    [Test]
    public void A_peer_that_takes_everything_meanwhile_ends_the_search()
    {
        RefusalSearch search = Begun(100);
        Assert.That(search.Failed(search.Next(60, hasOthers: true).Messages), Is.False);
        Assert.That(search.Next(60, hasOthers: true).Messages, Is.EqualTo(30));
        search.Taken(30);
        search.Taken(30);
        Assert.That(search.IsOn);
        search.Taken(40);
        Assert.That(search.IsOn, Is.False);
    }

    [Test]
    public void Nothing_is_searched_for_while_something_is_delivered_or_another_message_comes_first()
    {
        RefusalSearch search = new();
        for (int i = 0; i < 10; i++)
        {
            Assert.That(search.Ended(first: 1, 100, progress: i % 3 == 2), Is.False);
        }
        for (uint i = 2; i < 10; i++) Assert.That(search.Ended(first: i, 100, progress: false), Is.False);
        for (int i = 0; i < 10; i++) Assert.That(search.Ended(first: 20, messages: 0, progress: false), Is.False);
    }

    private static RefusalSearch Begun(int messages)
    {
        RefusalSearch search = new();
        Assert.That(search.Ended(first: 7, messages, progress: false), Is.False);
        Assert.That(search.Ended(first: 7, messages, progress: false), Is.False);
        Assert.That(search.Ended(first: 7, messages, progress: false), Is.True);
        return search;
    }
}
