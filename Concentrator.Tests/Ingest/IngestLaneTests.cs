using System.Net;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Routing;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>Steps 3 to 5 without sockets: what a lane makes of frames, and what that costs.</summary>
[TestFixture]
internal sealed class IngestLaneTests
{
    private static readonly ListenerOptions Listener = new()
    {
        Name = "in",
        Address = new ListenAddress(Transport.Udp, null, new IPEndPoint(IPAddress.Loopback, 514)),
        MaxMessageSize = 64 * 1024,
    };

    private static readonly FileOutputOptions ToFile = new() { Name = "file", Path = "/nowhere", Format = FileFormat.Traditional };

    private static readonly RelayOutputOptions ToRelay = new()
    {
        Name = "relay",
        Endpoints = new RelayEndpoints([new RelayEndpoint("intake", 10514)]),
        IntakeKey = new Secret("SomeKey0123456789"),
    };

    [Test]
    public void Accepting_the_whole_corpus_for_a_file_and_a_relay_allocates_nothing()
    {
        Bench bench = new(
            [ToFile, ToRelay],
            [
                new RouteOptions { Index = 0, Program = "haproxy*", Host = "*", Sender = IPNetwork.Parse("192.0.2.0/24"), Contains = ["GET"], To = ["file"] },
                new RouteOptions { Index = 1, To = ["file", "relay"] },
            ]);
        // The longest of the corpus do not fit into an ordinary block: such a message gets one of its own, which is no steady state.
        byte[][] frames = [.. Corpus.Messages.Select(static m => m.Frame).Where(static f => f.Length < Block.Capacity - 256)];
        Assert.That(frames, Has.Length.GreaterThan(700));
        SenderAddress sender = SenderAddress.From(IPAddress.Parse("192.0.2.1"));

        // The first rounds make the blocks, compile the code, and let tiering settle on it.
        Assert.That(Allocation.InSteadyState(() => Accept(bench, frames, sender)), Is.Zero);
        Assert.That(bench.Counters.Read().Received, Is.EqualTo(35L * frames.Length));
        Assert.That(bench.Ledger.Outputs().Select(static o => o.Balances && o.Queued == 0 && o.Dropped.Sum() == 0), Is.All.True);
    }

    [Test]
    public void The_counters_say_what_was_in_a_batch()
    {
        Bench bench = new([ToFile], [new RouteOptions { Index = 0, Program = "haproxy", To = ["file"] }]);
        bench.Lane.BeginBatch();
        bench.Accept("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 1 - - good");
        bench.Accept("\u0001 no header at all");
        bench.Accept("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 1 - - cut by the receiver", truncated: true);
        bench.Accept("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 1 - - " + new string('x', 70_000));
        Assert.That(bench.Counters.Read().Received, Is.Zero, "a batch is added as one");
        bench.Lane.EndBatch();
        ListenerSnapshot counted = bench.Counters.Read();
        Assert.Multiple(() =>
        {
            Assert.That(counted.Received, Is.EqualTo(4));
            Assert.That(counted.Routed, Is.EqualTo(3));
            Assert.That(counted.Unrouted, Is.EqualTo(1));
            Assert.That(counted.Malformed, Is.EqualTo(1));
            Assert.That(counted.Truncated, Is.EqualTo(2));
            Assert.That(bench.Unrouted, Is.EqualTo(1));
        });
        bench.Lane.BeginBatch();
        bench.Accept("nobody's");
        bench.Lane.EndBatch();
        Assert.That(bench.Unrouted, Is.EqualTo(1), "said once");
    }

    [Test]
    public void Routes_are_tried_in_order_until_one_stops()
    {
        Bench bench = new(
            [ToFile, ToFile with { Name = "other" }],
            [
                new RouteOptions { Index = 0, From = ["elsewhere"], To = ["other"], Stop = true },
                new RouteOptions { Index = 1, Contains = ["silence"], To = [], Stop = true },
                new RouteOptions { Index = 2, Contains = ["both"], To = ["file", "other"] },
                new RouteOptions { Index = 3, Contains = ["stop"], To = ["other"], Stop = true },
                new RouteOptions { Index = 4, To = ["file"] },
            ]);
        bench.Lane.BeginBatch();
        foreach (string text in new[] { "both", "stop", "silence", "neither" }) bench.Accept($"<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 1 - - {text}");
        bench.Lane.EndBatch();
        Assert.That(Ends(bench, "file"), Is.EqualTo(new[] { "both", "both", "neither" }));
        Assert.That(Ends(bench, "other"), Is.EqualTo(new[] { "both", "stop" }));
        Assert.That(bench.Unrouted, Is.Zero);
    }

    [Test]
    public void A_condition_on_the_host_sees_the_sender_where_the_message_names_none()
    {
        Bench bench = new([ToFile], [new RouteOptions { Index = 0, Host = "SENDER", To = ["file"] }]);
        bench.Lane.BeginBatch();
        bench.Accept("<134>Nov 22 06:13:25 haproxy[1]: no host");
        bench.Accept("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 1 - - a host of its own");
        bench.Lane.EndBatch();
        Assert.That(Ends(bench, "file"), Is.EqualTo(new[] { "no host" }));
    }

    [TestCase("10.0.0.0/8", "10.1.2.3", true)]
    [TestCase("10.0.0.0/8", "11.1.2.3", false)]
    [TestCase("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [TestCase("10.1.2.3/32", "10.1.2.3", true)]
    [TestCase("10.1.2.3/32", "10.1.2.2", false)]
    [TestCase("2001:db8::/32", "2001:db8:1::1", true)]
    [TestCase("2001:db8::/32", "2001:db9::1", false)]
    [TestCase("0.0.0.0/0", "203.0.113.9", true)]
    [TestCase("0.0.0.0/0", "2001:db8::1", false)]
    [TestCase("::/0", "203.0.113.9", true)]
    public void Networks_contain_what_they_say(string network, string address, bool contains) =>
        Assert.That(new SenderNetwork(IPNetwork.Parse(network)).Contains(SenderAddress.From(IPAddress.Parse(address))), Is.EqualTo(contains));

    [Test]
    public void No_network_contains_a_sender_without_address() =>
        Assert.That(new SenderNetwork(IPNetwork.Parse("::/0")).Contains(default), Is.False);

    private static void Accept(Bench bench, byte[][] frames, SenderAddress sender)
    {
        for (int first = 0; first < frames.Length; first += 64)
        {
            bench.Lane.BeginBatch();
            for (int i = first; i < Math.Min(first + 64, frames.Length); i++) bench.Lane.Accept(frames[i], false, "sender"u8, sender);
            bench.Lane.EndBatch();
            bench.Deliver();
        }
    }

    private static IEnumerable<string> Ends(Bench bench, string output)
    {
        StringBuilder all = new();
        while (bench.Spools[output].TryTake() is { } block) all.Append(Encoding.UTF8.GetString(block.Bytes.Span));
        return all.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[(line.IndexOf("]: ", StringComparison.Ordinal) + 3)..]);
    }

    /// <summary>One lane with its routes and spools.</summary>
    private sealed class Bench
    {
        public Bench(OutputOptions[] outputs, RouteOptions[] routes)
        {
            BlockPool pool = new();
            Spools = outputs.ToDictionary(static o => o.Name, o => new MemoryQueue(
                Ledger.Output(o.Name, o is RelayOutputOptions, 64 << 20), pool, new WhenFullBarrier(), WhenFull.DropOldest, 64 << 20, static _ => { }));
            ServerOptions options = new() { Listeners = [Listener], Outputs = outputs, Routes = routes };
            ListenerRoutes installed = new(() => Unrouted++) { Table = new RouteCompiler(options, Spools).TableFor("in") };
            Counters = Ledger.Listener("in");
            Lane = new IngestLane(Listener, Counters, installed, new ManualTimeProvider());
        }

        public Ledger Ledger { get; } = new();

        public ListenerCounters Counters { get; }

        public Dictionary<string, MemoryQueue> Spools { get; }

        public IngestLane Lane { get; }

        public int Unrouted { get; private set; }

        public void Accept(string frame, bool truncated = false) => Lane.Accept(Encoding.UTF8.GetBytes(frame), truncated, "sender"u8, default);

        /// <summary>As a target would, at once.</summary>
        public void Deliver()
        {
            foreach (MemoryQueue spool in Spools.Values)
            {
                while (spool.TryTake() is { } block)
                {
                    spool.Settle(block);
                    spool.Recycle(block);
                }
            }
        }
    }
}
