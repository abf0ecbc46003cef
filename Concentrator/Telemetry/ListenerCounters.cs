namespace Concentrator.Telemetry;

/// <summary>
/// The listener's side of the ledger: received = routed + unrouted. Whoever processes a batch adds its totals in one
/// call when the batch is done, so the sum holds whenever no batch is in the middle of being processed.
/// Any thread may add and read.
/// </summary>
internal sealed class ListenerCounters(string name)
{
    private long _received;
    private long _receivedBytes;
    private long _malformed;
    private long _truncated;
    private long _routed;
    private long _unrouted;
    private long _kernelDropped;
    private long _framingViolations;
    private long _refusedConnections;

    /// <summary>The listener's name in the configuration.</summary>
    public string Name { get; } = name;

    /// <summary>Adds one processed batch.</summary>
    public void Add(in BatchTally tally)
    {
        Interlocked.Add(ref _receivedBytes, tally.Bytes);
        Interlocked.Add(ref _received, tally.Messages);
        Interlocked.Add(ref _routed, tally.Messages - tally.Unrouted);
        if (tally.Unrouted != 0) Interlocked.Add(ref _unrouted, tally.Unrouted);
        if (tally.Malformed != 0) Interlocked.Add(ref _malformed, tally.Malformed);
        if (tally.Truncated != 0) Interlocked.Add(ref _truncated, tally.Truncated);
    }

    /// <summary>Datagrams that the kernel dropped before we could read them (SO_RXQ_OVFL).</summary>
    public void AddKernelDropped(long datagrams) => Interlocked.Add(ref _kernelDropped, datagrams);

    /// <summary>A stream whose framing could not be followed and that was therefore cut.</summary>
    public void AddFramingViolation() => Interlocked.Increment(ref _framingViolations);

    /// <summary>A connection beyond <c>MaxConnections</c>.</summary>
    public void AddRefusedConnection() => Interlocked.Increment(ref _refusedConnections);

    public ListenerSnapshot Read() => new()
    {
        Name = Name,
        Received = Interlocked.Read(ref _received),
        ReceivedBytes = Interlocked.Read(ref _receivedBytes),
        Malformed = Interlocked.Read(ref _malformed),
        Truncated = Interlocked.Read(ref _truncated),
        Routed = Interlocked.Read(ref _routed),
        Unrouted = Interlocked.Read(ref _unrouted),
        KernelDropped = Interlocked.Read(ref _kernelDropped),
        FramingViolations = Interlocked.Read(ref _framingViolations),
        RefusedConnections = Interlocked.Read(ref _refusedConnections),
    };
}

/// <summary>Totals of one batch, gathered on the processing thread's stack.</summary>
internal struct BatchTally
{
    public int Messages;
    public long Bytes;
    public int Malformed;
    public int Truncated;
    public int Unrouted;
}

/// <summary>A listener's counters at one moment.</summary>
internal readonly record struct ListenerSnapshot
{
    public required string Name { get; init; }
    public long Received { get; init; }
    public long ReceivedBytes { get; init; }
    public long Malformed { get; init; }
    public long Truncated { get; init; }
    public long Routed { get; init; }
    public long Unrouted { get; init; }
    public long KernelDropped { get; init; }
    public long FramingViolations { get; init; }
    public long RefusedConnections { get; init; }
}
