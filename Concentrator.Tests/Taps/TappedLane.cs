using System.Net;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Routing;
using Concentrator.Taps;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Taps;

/// <summary>A lane with a file and a relay behind it, and a place for taps, without sockets or threads.</summary>
internal sealed class TappedLane
{
    public const string Key = "SomeKey0123456789";

    public static readonly FileOutputOptions ToFile = new() { Name = "file", Path = "/nowhere", Format = FileFormat.Traditional };

    public static readonly RelayOutputOptions ToRelay = new()
    {
        Name = "relay",
        Endpoints = new RelayEndpoints([new RelayEndpoint("intake", 10514)]),
        IntakeKey = new Secret(Key),
    };

    private readonly Dictionary<string, MemoryQueue> _queues;

    public TappedLane(params RouteOptions[] routes)
    {
        ListenerOptions listener = new()
        {
            Name = "in",
            Address = new ListenAddress(Transport.Udp, null, new IPEndPoint(IPAddress.Loopback, 514)),
            MaxMessageSize = 64 * 1024,
        };
        BlockPool pool = new();
        OutputOptions[] outputs = [ToFile, ToRelay];
        _queues = outputs.ToDictionary(static o => o.Name, o => new MemoryQueue(
            Ledger.Output(o.Name, o is RelayOutputOptions, 64 << 20), pool, new WhenFullBarrier(), WhenFull.DropOldest, 64 << 20, static _ => { }));
        Options = new ServerOptions { Listeners = [listener], Outputs = outputs, Routes = routes.Length > 0 ? routes : [new RouteOptions { Index = 0, To = ["file", "relay"] }] };
        ListenerRoutes installed = new(static () => { }) { Table = new RouteCompiler(Options, _queues).TableFor("in") };
        Lane = new IngestLane(listener, Ledger.Listener("in"), installed, Time, Taps);
    }

    public ManualTimeProvider Time { get; } = new();

    public Ledger Ledger { get; } = new();

    public ServerOptions Options { get; }

    public TapPoint Taps { get; } = new();

    public IngestLane Lane { get; }

    /// <summary>Attaches a tap.</summary>
    public Tap Tap(TapRequest request)
    {
        Tap tap = new(request, Time);
        if (!Taps.TryAdd(tap)) throw new InvalidOperationException("no more taps");
        return tap;
    }

    public void Accept(params string[] frames) => Accept([.. frames.Select(Encoding.UTF8.GetBytes)]);

    public void Accept(byte[][] frames)
    {
        Lane.BeginBatch();
        foreach (byte[] frame in frames) Lane.Accept(frame, false, "sender"u8, default);
        Lane.EndBatch();
    }

    /// <summary>As the targets would, at once.</summary>
    public void Deliver()
    {
        foreach (MemoryQueue queue in _queues.Values)
        {
            while (queue.TryTake() is { } block)
            {
                queue.Settle(block);
                queue.Recycle(block);
            }
        }
    }

    /// <summary>The bytes that wait in an output's queue.</summary>
    public byte[] Rendered(string output)
    {
        List<byte> all = [];
        while (_queues[output].TryTake() is { } block) all.AddRange(block.Bytes.Span);
        return [.. all];
    }

    /// <summary>The messages in the tap's ring as they were received.</summary>
    public static List<string> Read(Tap tap)
    {
        List<string> frames = [];
        while (tap.Ring.TryRead(out ReadOnlySpan<byte> bytes))
        {
            frames.Add(Encoding.UTF8.GetString(new TapRecordReader(bytes).Frame));
            tap.Ring.Release();
        }
        return frames;
    }
}
