namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>What a listener's lines of HAProxy have said so far.</summary>
internal sealed record TrafficSnapshot
{
    /// <summary>Lines taken for HAProxy's.</summary>
    public long Lines { get; init; }

    /// <summary>In the order in which they were first seen, <c>other</c> last; those without a request are left out.</summary>
    public required IReadOnlyList<FrontendSnapshot> Frontends { get; init; }

    /// <summary>As <see cref="Frontends"/>.</summary>
    public required IReadOnlyList<BackendSnapshot> Backends { get; init; }

    /// <summary>The kinds that were seen.</summary>
    public required IReadOnlyList<UnreadableSnapshot> Unreadable { get; init; }

    /// <summary>Lines cut at a length that recurs.</summary>
    public long CutLines { get; init; }

    /// <summary>Those lengths, in bytes of the whole message: HAProxy's <c>len</c> or a ring's <c>maxlen</c>.</summary>
    public required IReadOnlyList<int> CutLengths { get; init; }
}

/// <summary>One frontend's requests.</summary>
internal sealed class FrontendSnapshot(string name)
{
    public string Name { get; } = name;

    /// <summary>Indexed by <see cref="StatusClasses"/>.</summary>
    public long[] Requests { get; } = new long[StatusClasses.Count];

    /// <summary>Indexed by <see cref="TerminationStates"/>.</summary>
    public long[] Terminations { get; } = new long[TerminationStates.Count];

    /// <summary><c>Tr</c>: until the server's response.</summary>
    public TimeSnapshot ResponseTime { get; } = new();

    /// <summary><c>Ta</c>: the whole request.</summary>
    public TimeSnapshot ActiveTime { get; } = new();
}

/// <summary>One backend's requests.</summary>
internal sealed class BackendSnapshot(string name)
{
    public string Name { get; } = name;

    /// <summary>Indexed by <see cref="StatusClasses"/>.</summary>
    public long[] Requests { get; } = new long[StatusClasses.Count];
}

/// <summary>A time of many requests.</summary>
internal sealed class TimeSnapshot
{
    /// <summary>Requests by <see cref="TimeBuckets"/>, not cumulated.</summary>
    public long[] Buckets { get; } = new long[TimeBuckets.Count];

    public long SumMilliseconds { get; set; }

    /// <summary>Requests in which the event did not happen: HAProxy writes -1.</summary>
    public long Missing { get; set; }
}

/// <summary>Lines of one kind that Sekoia.io's parser does not read.</summary>
/// <param name="Example">The first one since the start, masked.</param>
/// <param name="Last">When the last one came, UTC.</param>
internal sealed record UnreadableSnapshot(UnreadableKind Kind, long Count, string? Example, DateTime Last);
