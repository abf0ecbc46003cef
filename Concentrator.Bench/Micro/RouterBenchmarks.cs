using System.Net;
using BenchmarkDotNet.Attributes;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Routing;

namespace Concentrator.Bench.Micro;

/// <summary>Steps 3 to 6 of a message's journey in a lane: a batch of 64 messages to a file and to Sekoia.</summary>
public class RouterBenchmarks
{
    private const int Batch = 64;

    private readonly MemoryQueue _file;
    private readonly MemoryQueue _relay;
    private readonly ListenerCounters _counters = new("haproxy");
    private readonly IngestLane _lane;

    public RouterBenchmarks()
    {
        FileOutputOptions file = new() { Name = "file", Path = "/nowhere", Format = FileFormat.Traditional };
        RelayOutputOptions relay = new()
        {
            Name = "relay",
            Endpoints = new RelayEndpoints([new RelayEndpoint("intake", 10514)]),
            IntakeKey = new Secret("0123456789ABCDEF"),
        };
        ListenerOptions listener = new()
        {
            Name = "haproxy",
            Address = new ListenAddress(Transport.UnixDatagram, "/nowhere/log", null),
            MaxMessageSize = ListenerOptions.DefaultDatagramSize,
        };
        ServerOptions options = new()
        {
            Listeners = [listener],
            Outputs = [file, relay],
            Routes =
            [
                new RouteOptions { Index = 0, Program = "sshd", Sender = IPNetwork.Parse("192.0.2.0/24"), To = ["file"] },
                new RouteOptions { Index = 1, From = ["haproxy"], Program = "haproxy*", To = ["file", "relay"], Stop = true },
            ],
        };
        BlockPool pool = new();
        _file = Spool(file.Name, isRelay: false, pool);
        _relay = Spool(relay.Name, isRelay: true, pool);
        Dictionary<string, MemoryQueue> spools = new() { [file.Name] = _file, [relay.Name] = _relay };
        ListenerRoutes routes = new(static () => { }) { Table = new RouteCompiler(options, spools).TableFor(listener.Name) };
        _lane = new IngestLane(listener, _counters, routes, TimeProvider.System);
    }

    [GlobalSetup]
    public void Check()
    {
        long before = _counters.Read().Routed;
        if (Dispatch() != 2 * Batch || _counters.Read().Routed - before != Batch)
            throw new InvalidOperationException("the router's result is wrong, so the measurement is invalid");
    }

    /// <summary>The number of messages that both outputs together received.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public int Dispatch()
    {
        _lane.BeginBatch();
        for (int i = 0; i < Batch; i++) _lane.Accept(SampleMessages.Local, false, "edge"u8, default);
        _lane.EndBatch();
        _lane.Publish();
        return Take(_file) + Take(_relay);
    }

    private static MemoryQueue Spool(string name, bool isRelay, BlockPool pool) => new(
        new OutputCounters(name, isRelay, 64 << 20), pool, new WhenFullBarrier(), WhenFull.DropOldest, 64 << 20, static _ => { });

    private static int Take(MemoryQueue spool)
    {
        int messages = 0;
        while (spool.TryTake() is { } block)
        {
            messages += block.Messages;
            spool.Settle(block);
            spool.Recycle(block);
        }
        return messages;
    }
}
