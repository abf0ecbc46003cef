namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>
/// A listener's traffic as far as one thread at a time counted it; <see cref="TrafficInsight"/> lends it for a batch and adds all shards up. Only the
/// first message of a name allocates.
/// </summary>
internal sealed class TrafficShard(KnownNames frontends, KnownNames backends)
{
    private readonly FrontendCounters?[] _frontends = new FrontendCounters?[frontends.Most + 1];
    private readonly long[]?[] _backends = new long[backends.Most + 1][];
    private readonly long[] _unreadable = new long[UnreadableKinds.All.Length];
    private readonly long[] _lastSeen = new long[UnreadableKinds.All.Length];
    private long _lines;
    private uint _seenKinds;

    /// <summary>The next shard of the same listener; set once.</summary>
    public TrafficShard? Next { get; set; }

    /// <summary>Counts one line of HAProxy.</summary>
    public void AddLine() => _lines++;

    /// <summary>Where requests and sessions of these names are counted. They may be kept: names are never forgotten.</summary>
    public RequestCounters CountersOf(ReadOnlySpan<byte> frontend, ReadOnlySpan<byte> backend)
    {
        int served = frontends.NumberOf(frontend), by = backends.NumberOf(backend);
        return new RequestCounters(_frontends[served] ?? NewFrontend(served), _backends[by] ?? NewBackend(by));
    }

    /// <summary>Counts a line that Sekoia.io's parser does not read. Returns whether it is this shard's first of that kind.</summary>
    public bool AddUnreadable(UnreadableKind kind)
    {
        _seenKinds |= 1u << (int)kind;
        return _unreadable[(int)kind]++ == 0;
    }

    /// <summary>Whether unreadable lines were counted since the last <see cref="Stamp"/>.</summary>
    public bool WantsStamp => _seenKinds != 0;

    /// <summary>Notes when the unreadable lines since the last call came.</summary>
    /// <param name="ticks">UTC.</param>
    public void Stamp(long ticks)
    {
        for (int kind = 0; kind < _lastSeen.Length; kind++)
            if ((_seenKinds & (1u << kind)) != 0) Volatile.Write(ref _lastSeen[kind], ticks);
        _seenKinds = 0;
    }

    public long Lines => Volatile.Read(ref _lines);

    public long Unreadable(UnreadableKind kind) => Volatile.Read(ref _unreadable[(int)kind]);

    /// <summary>UTC ticks; 0 = none yet.</summary>
    public long LastSeen(UnreadableKind kind) => Volatile.Read(ref _lastSeen[(int)kind]);

    /// <summary>Null where nothing was counted.</summary>
    public FrontendCounters? Frontend(int number) => Volatile.Read(ref _frontends[number]);

    /// <summary>Requests by <see cref="StatusClasses"/>; null where nothing was counted.</summary>
    public long[]? Backend(int number) => Volatile.Read(ref _backends[number]);

    private FrontendCounters NewFrontend(int number)
    {
        FrontendCounters made = new();
        Volatile.Write(ref _frontends[number], made);
        return made;
    }

    private long[] NewBackend(int number)
    {
        long[] made = new long[StatusClasses.Count];
        Volatile.Write(ref _backends[number], made);
        return made;
    }
}
