using Concentrator.Bench.Capacity;
using Concentrator.Bench.Load;

namespace Concentrator.Bench.Footprint;

/// <summary>The garbage collector's work during a minute of even traffic.</summary>
internal sealed record SteadyState
{
    private const string Collections = "dotnet_gc_collections_total";
    private const string Allocated = "dotnet_gc_allocated_bytes_total";

    public required double Rate { get; init; }

    public required long Messages { get; init; }

    /// <summary>Bytes that the whole process allocates per message.</summary>
    public required double AllocatedPerMessage { get; init; }

    /// <summary>Collections by generation.</summary>
    public required IReadOnlyList<long> GarbageCollections { get; init; }

    public static SteadyState Measure(RunningServer server, double rate, TimeSpan length, CancellationToken stop)
    {
        // In the first seconds code is compiled and pools are filled.
        server.Send(rate, 0, length / 6, sender: 0, stop);
        Metrics before = server.Metrics();
        LoadResult sent = server.Send(rate, 0, length, sender: 0, stop);
        Metrics after = server.Metrics();
        return new SteadyState
        {
            Rate = rate,
            Messages = sent.Sent,
            AllocatedPerMessage = (after.Sum(Allocated) - before.Sum(Allocated)) / (double)Math.Max(1, sent.Sent),
            GarbageCollections =
            [
                .. Enumerable.Range(0, 3).Select(generation =>
                    after.Sum(Collections, $"generation=\"{generation}\"") - before.Sum(Collections, $"generation=\"{generation}\"")),
            ],
        };
    }
}
