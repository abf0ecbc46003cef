using System.Text;
using Concentrator.Accounting.HAProxyTraffic;
using NUnit.Framework;

namespace Concentrator.Tests.Insight;

/// <summary>Counting: bounded names, histograms, shards that add up.</summary>
internal sealed class TrafficInsightTests
{
    private readonly TrafficInsight _insight = new();

    [Test]
    public void Before_the_first_line_there_is_nothing() => Assert.That(new TrafficInsight().Read(), Is.Null);

    [Test]
    public void The_hundred_and_first_frontend_is_other()
    {
        TrafficInsight insight = new();
        TrafficShard shard = insight.Borrow();
        for (int n = 0; n < 1000; n++) Add(shard, $"front-{n}", $"back-{n}");
        insight.Return(shard);
        TrafficSnapshot read = insight.Read()!;
        Assert.That(read.Frontends, Has.Count.EqualTo(TrafficInsight.MostFrontends + 1));
        Assert.That(read.Backends, Has.Count.EqualTo(TrafficInsight.MostBackends + 1));
        Assert.That((read.Frontends[0].Name, read.Frontends[^1].Name, read.Frontends[^1].Requests.Sum()), Is.EqualTo(("front-0", "other", 900L)));
        Assert.That((read.Backends[^1].Name, read.Backends[^1].Requests.Sum()), Is.EqualTo(("other", 800L)));
    }

    [TestCase("a name")]
    [TestCase("")]
    [TestCase("quote\"")]
    [TestCase("caf\u00e9")]
    public void A_name_that_HAProxy_does_not_allow_is_other(string name)
    {
        KnownNames names = new(4);
        Assert.That((names.NumberOf(Encoding.Latin1.GetBytes(name)), names.Count), Is.EqualTo((KnownNames.Other, 0)));
    }

    [Test]
    public void Names_that_differ_in_one_byte_have_numbers_of_their_own()
    {
        KnownNames names = new(3000);
        string[] all = [.. from length in Enumerable.Range(1, 40) from at in Enumerable.Range(0, length) select new string('a', at) + 'b' + new string('a', length - at - 1)];
        int[] first = [.. all.Select(name => names.NumberOf(Encoding.ASCII.GetBytes(name)))];
        Assert.That(first, Is.Unique.And.None.Zero);
        Assert.That(all.Select(name => names.NumberOf(Encoding.ASCII.GetBytes(name))), Is.EqualTo(first));
        Assert.That(first.Select(names.NameOf), Is.EqualTo(all));
    }

    [Test]
    public void Names_may_be_learnt_by_many_threads()
    {
        KnownNames names = new(100);
        int[][] numbers = new int[8][];
        Parallel.For(0, 8, thread => numbers[thread] = [.. Enumerable.Range(0, 300).Select(n => names.NumberOf(Encoding.ASCII.GetBytes($"n{n}")))]);
        Assert.That(names.Count, Is.EqualTo(100));
        for (int n = 0; n < 300; n++)
        {
            int[] nonzero = [.. numbers.Select(of => of[n]).Distinct()];
            Assert.That(nonzero, Has.Length.EqualTo(1), $"n{n} has one number");
        }
    }

    [TestCase(0, 0)]
    [TestCase(1, 0)]
    [TestCase(2, 1)]
    [TestCase(3, 2)]
    [TestCase(200, 7)]
    [TestCase(201, 8)]
    [TestCase(255, 8)]
    [TestCase(256, 8)]
    [TestCase(10_000, 12)]
    [TestCase(10_001, 13)]
    [TestCase(999_999_999, 13)]
    public void A_time_falls_into_the_first_bucket_that_holds_it(int time, int bucket) => Assert.That(TimeBuckets.NumberOf(time), Is.EqualTo(bucket));

    [Test]
    public void Every_termination_state_of_the_manual_has_its_label_and_others_share_one()
    {
        foreach (char cause in "-CSPLRIDUKcs")
            foreach (char phase in "-RQCHDLT")
                Assert.That(TerminationStates.Label(TerminationStates.NumberOf((byte)cause, (byte)phase)), Is.EqualTo($"{cause}{phase}"));
        Assert.That(TerminationStates.Label(TerminationStates.NumberOf((byte)'x', (byte)'-')), Is.EqualTo("other"));
        Assert.That(TerminationStates.Label(TerminationStates.NumberOf((byte)'-', 255)), Is.EqualTo("other"));
    }

    [TestCase(100, "1xx")]
    [TestCase(599, "5xx")]
    [TestCase(-1, "none")]
    [TestCase(0, "none")]
    [TestCase(600, "none")]
    [TestCase(99, "none")]
    public void A_status_has_its_class(int status, string label) => Assert.That(StatusClasses.Label(StatusClasses.NumberOf(status)), Is.EqualTo(label));

    [Test]
    public void Shards_that_were_borrowed_at_once_add_up()
    {
        TrafficShard one = _insight.Borrow(), two = _insight.Borrow();
        Assert.That(one, Is.Not.SameAs(two));
        Add(one, "web", "app", 200, responseTime: 3, activeTime: -1);
        Add(two, "web", "app", 503, responseTime: -1, activeTime: 7000);
        _insight.Return(one);
        _insight.Return(two);
        Assert.That(_insight.Borrow(), Is.SameAs(two), "one is kept for the next batch");
        FrontendSnapshot web = _insight.Read()!.Frontends.Single();
        Assert.That(web.Requests, Is.EqualTo(new long[] { 0, 0, 1, 0, 0, 1, 0 }));
        Assert.That((web.ResponseTime.SumMilliseconds, web.ResponseTime.Missing, web.ActiveTime.SumMilliseconds, web.ActiveTime.Missing), Is.EqualTo((3L, 1L, 7000L, 1L)));
        Assert.That((web.ResponseTime.Buckets[2], web.ActiveTime.Buckets[12]), Is.EqualTo((1L, 1L)));
        Assert.That(_insight.Read()!.Backends.Single().Requests.Sum(), Is.EqualTo(2));
    }

    [Test]
    public void A_length_that_recurs_is_a_senders_limit_and_others_are_not()
    {
        CutLengths cuts = new();
        for (int n = 0; n < 100; n++) cuts.Add(200 + n);
        Assert.That((cuts.Lines, cuts.Read().Count), Is.EqualTo((0L, 0)));
        foreach (int length in (int[])[1024, 700, 1024, 8192, 1024, 8192]) cuts.Add(length);
        Assert.That(cuts.Lines, Is.EqualTo(5), "three of one length and two of another");
        Assert.That(cuts.Read(), Is.EqualTo(new[] { 1024, 8192 }));
    }

    private static void Add(TrafficShard shard, string frontend, string backend, int status = 200, int responseTime = 0, int activeTime = 0) =>
        shard.CountersOf(Encoding.Latin1.GetBytes(frontend), Encoding.Latin1.GetBytes(backend))
            .Add(StatusClasses.NumberOf(status), responseTime, activeTime, TerminationStates.NumberOf((byte)'-', (byte)'-'));
}
