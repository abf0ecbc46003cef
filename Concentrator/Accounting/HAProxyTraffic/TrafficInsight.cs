namespace Concentrator.Accounting.HAProxyTraffic;

// Many connections of one listener may be served by several threads in turn, and a reader must disturb none of them. So whoever has a batch borrows
// a shard, counts in it without locks, and gives it back. There are as many shards as ever were borrowed at once: one, or two where a connection
// goes on on another thread while it waits for room. A shard that never comes back (its thread failed) is still read, and replaced.

/// <summary>
/// What a listener learns from its lines of HAProxy: requests, times, losses, and lines that Sekoia.io's parser does not read. Labels are bounded: 100
/// frontends, 200 backends, then <c>other</c>. Any thread may call; counting takes no lock and allocates nothing but for what is new. Takes
/// memory only when the first line of HAProxy has come.
/// </summary>
internal sealed class TrafficInsight
{
    public const int MostFrontends = 100;

    public const int MostBackends = 200;

    /// <summary>Programs other than <c>haproxy*</c> that have been found to be HAProxy (<c>log-tag</c>).</summary>
    public const int MostPrograms = 16;

    private readonly KnownNames _frontends = new(MostFrontends);
    private readonly KnownNames _backends = new(MostBackends);
    private readonly string?[] _examples = new string?[UnreadableKinds.All.Length];
    private readonly CutLengths _cuts = new();
    private readonly CounterGaps _gaps = new();
    private TrafficShard? _spare;
    private TrafficShard? _all;
    private volatile bool _isOn = true;

    /// <summary>The listener's <c>Insight</c>; a reload may change it. What was counted stays.</summary>
    public bool IsOn
    {
        get => _isOn;
        set => _isOn = value;
    }

    /// <summary>Names of programs whose lines are HAProxy's, as their form has shown.</summary>
    public KnownNames Programs { get; } = new(MostPrograms);

    /// <summary>Borrows a shard for a batch; <see cref="Return"/> it on the same thread.</summary>
    public TrafficShard Borrow() => Interlocked.Exchange(ref _spare, null) ?? NewShard();

    public void Return(TrafficShard shard) => Volatile.Write(ref _spare, shard);

    /// <summary>Keeps an example of a kind if there is none yet.</summary>
    public void Keep(UnreadableKind kind, string example) => Interlocked.CompareExchange(ref _examples[(int)kind], example, null);

    /// <summary>Notes that a line ended before its format does.</summary>
    /// <param name="length">Bytes of the whole message as received.</param>
    public void AddUnfinished(int length) => _cuts.Add(length);

    /// <summary>Follows HAProxy's own count of a frontend's lines. Returns the lines found to be lost.</summary>
    /// <param name="frontend">Its name.</param>
    /// <param name="process">The worker's process ID as sent; empty if unknown.</param>
    /// <param name="counter">The value of <c>%lc</c>.</param>
    public long Follow(ReadOnlySpan<byte> frontend, ReadOnlySpan<byte> process, long counter) =>
        _frontends.NumberOf(frontend) is not KnownNames.Other and int number ? _gaps.Follow(number, process, counter) : 0;

    /// <summary>All shards together; null before the first line. Numbers may differ by the batch under way.</summary>
    public TrafficSnapshot? Read()
    {
        List<TrafficShard> shards = [];
        for (TrafficShard? shard = Volatile.Read(ref _all); shard is not null; shard = shard.Next) shards.Add(shard);
        if (shards.Count == 0) return null;
        return new TrafficSnapshot
        {
            Lines = shards.Sum(static shard => shard.Lines),
            Frontends = [.. Numbers(_frontends).Select(number => Frontend(shards, number)).OfType<FrontendSnapshot>()],
            Backends = [.. Numbers(_backends).Select(number => Backend(shards, number)).OfType<BackendSnapshot>()],
            Unreadable = [.. UnreadableKinds.All.Select(kind => Unreadable(shards, kind)).OfType<UnreadableSnapshot>()],
            CutLines = _cuts.Lines,
            CutLengths = _cuts.Read(),
        };
    }

    private static IEnumerable<int> Numbers(KnownNames names) => Enumerable.Range(1, names.Count).Append(KnownNames.Other);

    private FrontendSnapshot? Frontend(List<TrafficShard> shards, int number)
    {
        FrontendSnapshot? total = null;
        foreach (TrafficShard shard in shards) shard.Frontend(number)?.ReadInto(total ??= new FrontendSnapshot(_frontends.NameOf(number)));
        return total;
    }

    private BackendSnapshot? Backend(List<TrafficShard> shards, int number)
    {
        BackendSnapshot? total = null;
        foreach (TrafficShard shard in shards)
        {
            if (shard.Backend(number) is not { } requests) continue;
            total ??= new BackendSnapshot(_backends.NameOf(number));
            for (int i = 0; i < requests.Length; i++) total.Requests[i] += Volatile.Read(ref requests[i]);
        }
        return total;
    }

    private UnreadableSnapshot? Unreadable(List<TrafficShard> shards, UnreadableKind kind)
    {
        long count = shards.Sum(shard => shard.Unreadable(kind));
        return count == 0 ? null
            : new UnreadableSnapshot(kind, count, Volatile.Read(ref _examples[(int)kind]), new DateTime(shards.Max(shard => shard.LastSeen(kind)), DateTimeKind.Utc));
    }

    private TrafficShard NewShard()
    {
        TrafficShard made = new(_frontends, _backends);
        do
        {
            made.Next = Volatile.Read(ref _all);
        }
        while (Interlocked.CompareExchange(ref _all, made, made.Next) != made.Next);
        return made;
    }
}
