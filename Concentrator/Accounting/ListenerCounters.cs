using Concentrator.Accounting.HAProxyTraffic;

namespace Concentrator.Accounting;

/// <summary>
/// The listener's side of the ledger: received = routed + unrouted. The totals of a batch are added in one call when the
/// batch is done: one lock per batch costs less than one atomic addition per counter, and makes every
/// <see cref="Read"/> balance. Any thread may add and read.
/// </summary>
internal sealed class ListenerCounters(string name)
{
    private readonly Lock _gate = new();
    private long _received;
    private long _receivedBytes;
    private long _malformed;
    private long _truncated;
    private long _routed;
    private long _unrouted;
    private long _kernelDropped;
    private long _framingViolations;
    private long _refusedConnections;
    private long _redelivered;
    private long _unacknowledged;
    private string? _problem;
    private string? _address;
    private readonly long[] _cutConnections = new long[ConnectionCutReasons.All.Length];
    private readonly long[] _lostBefore = new long[LossesBefore.All.Length];

    /// <summary>The listener's name in the configuration.</summary>
    public string Name { get; } = name;

    /// <summary>What its lines of HAProxy say.</summary>
    public TrafficInsight Insight { get; } = new();

    /// <summary>Bound address, with the actual port if port 0 was configured; null before it listens. Any thread.</summary>
    public string? Address
    {
        get => Volatile.Read(ref _address);
        set => Volatile.Write(ref _address, value);
    }

    /// <summary>Readable reason why nothing can arrive at the moment; null = no problem is known. Any thread.</summary>
    public string? Problem
    {
        get => Volatile.Read(ref _problem);
        set => Volatile.Write(ref _problem, value);
    }

    /// <summary>Adds one processed batch.</summary>
    public void Add(in BatchTally tally)
    {
        lock (_gate)
        {
            _receivedBytes += tally.Bytes;
            _received += tally.Messages;
            _routed += tally.Messages - tally.Unrouted;
            _unrouted += tally.Unrouted;
            _malformed += tally.Malformed;
            _truncated += tally.Truncated;
        }
    }

    /// <summary>Adds datagrams that the kernel dropped before they were read (SO_RXQ_OVFL).</summary>
    public void AddKernelDropped(long datagrams) => Interlocked.Add(ref _kernelDropped, datagrams);

    /// <summary>Adds messages that their sender has lost, as far as it says so.</summary>
    public void AddLostBefore(LostBefore reason, long messages) => Interlocked.Add(ref _lostBefore[(int)reason], messages);

    /// <summary>Counts a stream that was cut because its framing could not be followed.</summary>
    public void AddFramingViolation() => Interlocked.Increment(ref _framingViolations);

    /// <summary>Adds messages that a stream has given out before, to this server or another one: they may be delivered twice.</summary>
    public void AddRedelivered(long messages) => Interlocked.Add(ref _redelivered, messages);

    /// <summary>Sets the number of messages of a stream that are received and not acknowledged.</summary>
    public long Unacknowledged
    {
        set => Volatile.Write(ref _unacknowledged, value);
    }

    /// <summary>Counts a connection beyond <c>MaxConnections</c> or <c>MaxConnectionsPerAddress</c>.</summary>
    public void AddRefusedConnection() => Interlocked.Increment(ref _refusedConnections);

    /// <summary>Counts a connection that the server ended although its peer had not and its framing was correct.</summary>
    public void AddCutConnection(ConnectionCutReason reason) => Interlocked.Increment(ref _cutConnections[(int)reason]);

    /// <summary>Reads all counters at one moment; they balance.</summary>
    public ListenerSnapshot Read()
    {
        lock (_gate)
        {
            return new ListenerSnapshot
            {
                Name = Name,
                Address = Address,
                Received = _received,
                ReceivedBytes = _receivedBytes,
                Malformed = _malformed,
                Truncated = _truncated,
                Routed = _routed,
                Unrouted = _unrouted,
                KernelDropped = Interlocked.Read(ref _kernelDropped),
                FramingViolations = Interlocked.Read(ref _framingViolations),
                Redelivered = Interlocked.Read(ref _redelivered),
                Unacknowledged = Volatile.Read(ref _unacknowledged),
                RefusedConnections = Interlocked.Read(ref _refusedConnections),
                CutConnections = [.. _cutConnections],
                LostBefore = [.. _lostBefore],
                Insight = Insight,
                Problem = Problem,
            };
        }
    }
}

/// <summary>Totals of one batch, collected on the processing thread's stack.</summary>
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

    /// <summary>Bound address, or the last one if a reload removed the listener; null before it listens.</summary>
    public string? Address { get; init; }

    public long Received { get; init; }
    public long ReceivedBytes { get; init; }
    public long Malformed { get; init; }
    public long Truncated { get; init; }
    public long Routed { get; init; }
    public long Unrouted { get; init; }
    public long KernelDropped { get; init; }
    public long FramingViolations { get; init; }
    public long RefusedConnections { get; init; }

    /// <summary>Messages that a stream had given out before.</summary>
    public long Redelivered { get; init; }

    /// <summary>Messages of a stream, each perhaps a block of many, that are received and not acknowledged.</summary>
    public long Unacknowledged { get; init; }

    /// <summary>Indexed by <see cref="ConnectionCutReason"/>.</summary>
    public IReadOnlyList<long>? CutConnections { get; init; }

    /// <summary>Indexed by <see cref="Accounting.LostBefore"/>.</summary>
    public IReadOnlyList<long>? LostBefore { get; init; }

    /// <summary>
    /// <see cref="LostBefore"/> in all. HAProxy's count of its lines shows a loss that HAProxy may also have reported, so the larger of the two counts.
    /// </summary>
    public long LostBeforeTotal => LostBefore is { } lost
        ? Math.Max(lost[(int)Accounting.LostBefore.CounterGap], lost[(int)Accounting.LostBefore.RingDropped] + lost[(int)Accounting.LostBefore.DroppedLogs])
        : 0;

    /// <summary>What its lines of HAProxy say, to be read where it is shown: it is larger than all the rest.</summary>
    public TrafficInsight? Insight { get; init; }

    /// <summary>Reason why nothing can arrive at the moment; null = no problem is known.</summary>
    public string? Problem { get; init; }

    public bool Balances => Received == Routed + Unrouted;
}
