using Concentrator.Targets.Relays;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

[TestFixture]
internal sealed class BackoffTests
{
    [Test]
    public void Pauses_double_from_half_a_second_to_thirty_seconds_less_up_to_a_quarter()
    {
        double[] full = [0.5, 1, 2, 4, 8, 16, 30, 30, 30];
        for (int seed = 0; seed < 200; seed++)
        {
            Backoff backoff = new(new Random(seed));
            foreach (double seconds in full)
                Assert.That(backoff.Next().TotalSeconds, Is.InRange(seconds * 0.75, seconds));
        }
    }

    [Test]
    public void A_connection_that_delivered_starts_the_pauses_anew()
    {
        Backoff backoff = new(new Random(1));
        for (int i = 0; i < 6; i++) backoff.Next();
        backoff.Reset();
        Assert.That(backoff.Next(), Is.LessThanOrEqualTo(Backoff.First));
    }

    [Test]
    public void Two_hosts_do_not_come_back_in_step()
    {
        Assert.That(new Backoff(new Random(1)).Next(), Is.Not.EqualTo(new Backoff(new Random(2)).Next()));
    }
}
