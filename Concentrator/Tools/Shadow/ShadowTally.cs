namespace Concentrator.Tools.Shadow;

/// <summary>
/// Pairs our lines with the other program's and counts their differences. Lines belong to the same message when tag and text begin alike;
/// several such lines are paired in order. Not thread-safe.
/// </summary>
internal sealed class ShadowTally(TimeProvider time)
{
    /// <summary>How long a line waits for its counterpart. rsyslog writes at the end of a batch, at once or nearly so.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Queue<Waiting>> _ours = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<Waiting>> _theirs = new(StringComparer.Ordinal);
    private readonly Queue<Waiting> _byAge = new();
    private readonly SortedDictionary<Difference, Finding> _findings = [];

    /// <summary>Lines found in both files.</summary>
    public long Pairs { get; private set; }

    /// <summary>Pairs that are equal byte for byte.</summary>
    public long Same { get; private set; }

    /// <summary>Lines still waiting for their counterpart.</summary>
    public int Undecided { get; private set; }

    /// <summary>Differences by kind. A pair that differs in two ways counts in both.</summary>
    public IReadOnlyDictionary<Difference, Finding> Findings => _findings;

    public void AddOurs(string line) => Add(WrittenLine.Parse(line), _ours, _theirs, isOurs: true);

    public void AddTheirs(string line) => Add(WrittenLine.Parse(line), _theirs, _ours, isOurs: false);

    /// <summary>Counts lines that have waited longer than <see cref="Patience"/> as missing from the other file.</summary>
    public void GiveUpOnOld()
    {
        while (_byAge.TryPeek(out Waiting? oldest) && (oldest.IsDecided || time.GetElapsedTime(oldest.Since) > Patience))
        {
            _byAge.Dequeue();
            if (!oldest.IsDecided) GiveUpOn(oldest);
        }
    }

    /// <summary>
    /// Call it after reception has ended and the other program has had time to write. Our waiting lines are then only in our file. The
    /// other file's are undecided, because they may have arrived after the end.
    /// </summary>
    public void Conclude()
    {
        foreach (Waiting waiting in _byAge)
        {
            if (waiting is { IsOurs: true, IsDecided: false }) GiveUpOn(waiting);
        }
    }

    private void GiveUpOn(Waiting waiting)
    {
        waiting.IsDecided = true;
        Undecided--;
        Forget(waiting.IsOurs ? _ours : _theirs, waiting.Line.Key);
        if (waiting.IsOurs) Note(Difference.OnlyOurs, waiting.Line, null);

        // Before the first pair, the other file's lines may be older than our start.
        else if (Pairs > 0) Note(Difference.OnlyTheirs, null, waiting.Line);
    }

    private void Add(WrittenLine line, Dictionary<string, Queue<Waiting>> mine, Dictionary<string, Queue<Waiting>> others, bool isOurs)
    {
        if (others.TryGetValue(line.Key, out Queue<Waiting>? waiting))
        {
            Waiting other = waiting.Dequeue();
            if (waiting.Count == 0) others.Remove(line.Key);
            other.IsDecided = true;
            Undecided--;
            Pair(isOurs ? line : other.Line, isOurs ? other.Line : line);
            return;
        }
        Waiting added = new(line, isOurs, time.GetTimestamp());
        if (!mine.TryGetValue(line.Key, out Queue<Waiting>? queue)) mine[line.Key] = queue = new Queue<Waiting>();
        queue.Enqueue(added);
        _byAge.Enqueue(added);
        Undecided++;
    }

    private void Pair(WrittenLine ours, WrittenLine theirs)
    {
        Pairs++;
        IReadOnlyList<Difference> differences = LineComparison.Compare(ours, theirs);
        if (differences.Count == 0) Same++;
        foreach (Difference difference in differences) Note(difference, ours, theirs);
    }

    private void Note(Difference difference, WrittenLine? ours, WrittenLine? theirs)
    {
        if (!_findings.TryGetValue(difference, out Finding? finding))
            _findings[difference] = finding = new Finding(ours?.Whole, theirs?.Whole);
        finding.Count++;
    }

    /// <summary>Removes the oldest line of a key: the head of its queue, because lines of one key wait in order of arrival.</summary>
    private static void Forget(Dictionary<string, Queue<Waiting>> waiting, string key)
    {
        Queue<Waiting> queue = waiting[key];
        queue.Dequeue();
        if (queue.Count == 0) waiting.Remove(key);
    }

    private sealed class Waiting(WrittenLine line, bool isOurs, long since)
    {
        public WrittenLine Line { get; } = line;

        public bool IsOurs { get; } = isOurs;

        public long Since { get; } = since;

        public bool IsDecided { get; set; }
    }
}

/// <summary>The count of one kind of difference, and its first example.</summary>
internal sealed class Finding(string? ours, string? theirs)
{
    public long Count { get; set; }

    /// <summary>Null when our file has no such line.</summary>
    public string? Ours { get; } = ours;

    /// <summary>Null when the other file has no such line.</summary>
    public string? Theirs { get; } = theirs;
}
