namespace Concentrator.Spool;

/// <summary>
/// Brings a directory back into the order that <see cref="SegmentLog"/> works with, whatever its files hold: reads checkpoint
/// and headers, walks the last segment to its last sound block, cuts what a crash left behind it, counts what is known to be
/// lost, and removes what is delivered or was never begun.
/// </summary>
internal sealed class LogRecovery
{
    private readonly ISpoolDirectory _directory;
    private readonly BlockFinder _finder = new();

    private LogRecovery(ISpoolDirectory directory) => _directory = directory;

    public List<Segment> Segments { get; } = [];

    public LostRanges Lost { get; } = new();

    public Checkpoint? Checkpoint { get; private set; }

    public bool HasCheckpointFile { get; private set; }

    /// <summary>Every message below is delivered.</summary>
    public long Released { get; private set; } = Sequence.First;

    public long NextSequence { get; private set; } = Sequence.First;

    public long LastNumber { get; private set; }

    /// <summary>Where the next block of the last segment goes.</summary>
    public long End { get; private set; }

    /// <summary>The last segment is better not written to again.</summary>
    public bool LastIsSealed { get; private set; }

    public bool HasSpare { get; private set; }

    public RecoveryReport Report { get; private set; } = new(0, 0, 0, 0, 0);

    /// <exception cref="SpoolVersionException">Something was written by a newer version; nothing was changed.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static LogRecovery Run(ISpoolDirectory directory, SegmentLogOptions options)
    {
        LogRecovery recovery = new(directory);
        recovery.Recover(options);
        return recovery;
    }

    private void Recover(SegmentLogOptions options)
    {
        IReadOnlyList<string> names = _directory.List();
        ReadCheckpoint(names);
        SegmentCatalog catalog = SegmentCatalog.Read(_directory, names, _finder);
        LastNumber = catalog.LastNumber;
        foreach (CatalogEntry entry in catalog.Segments)
            Segments.Add(new Segment(entry.Number, entry.Tag, entry.FirstSequence, Math.Max(entry.Length, options.SegmentSize)));

        SegmentContent last = Segments.Count > 0 ? WalkLast(catalog.Segments[^1]) : new SegmentContent { EndSequence = Sequence.First };
        NextSequence = Math.Max(last.EndSequence, Checkpoint?.Next ?? Sequence.First);
        Released = Math.Min(Math.Max(Checkpoint?.Released ?? Sequence.First, Sequence.First), NextSequence);
        FindMissingSegments();
        Lost.Add(last.EndSequence, NextSequence);
        LeapOverUnreadable(catalog, options);

        RemoveDelivered();
        foreach (CatalogEntry entry in catalog.Empty) TryDelete(entry.Name);
        AdoptSpare(names, options);

        // What is missing in front of the first segment was delivered or dropped: that is where segments leave.
        long first = Math.Max(Released, Segments.Count > 0 ? Segments[0].FirstSequence : Sequence.First);
        Lost.ForgetBelow(first);
        Report = new RecoveryReport(NextSequence - first - Lost.Count, Segments.Count, last.TornBytes, last.CorruptBlocks, Lost.Count)
        {
            TornMessages = Math.Min(last.TornMessages, Math.Max(0, last.EndSequence + last.TornMessages - NextSequence)),
            CheckpointMissing = Checkpoint is null && catalog.Segments.Count > 0,
            IgnoredSegments = catalog.Ignored.Count,
        };
    }

    private void ReadCheckpoint(IReadOnlyList<string> names)
    {
        HasCheckpointFile = names.Contains(Spool.Checkpoint.FileName);
        if (!HasCheckpointFile) return;
        int version = 0;
        try
        {
            using ISpoolFile file = _directory.Open(Spool.Checkpoint.FileName, createNew: false, allocate: 0);
            Checkpoint = Spool.Checkpoint.Read(file, out version);
        }
        catch (IOException)
        {
            // As if it were damaged: more is delivered than need be.
        }
        if (version > RecordHeader.KnownVersion)
            throw new SpoolVersionException($"{_directory}", Spool.Checkpoint.FileName, version, RecordHeader.KnownVersion);
    }

    private SegmentContent WalkLast(CatalogEntry entry)
    {
        _finder.PassUnreadable = true;
        _finder.MetUnreadable = false;
        SegmentContent content = Walk(entry, Sequence.Max);
        End = content.End;

        // A header that cannot be trusted to be read back, or a place that cannot be read, is no ground to build on.
        LastIsSealed = !entry.HeaderIsIntact || _finder.MetUnreadable || (content.TornBytes > 0 && !TryCut(entry));
        return content;
    }

    private SegmentContent Walk(CatalogEntry entry, long most)
    {
        SegmentWalk walk = new(_finder) { OnLost = (from, to) => Lost.Add(from, to) };
        try
        {
            using ISpoolFile file = _directory.Open(entry.Name, createNew: false, allocate: 0);
            return walk.Walk(file, entry.Tag, entry.FirstSequence, most);
        }
        catch (IOException)
        {
            _finder.MetUnreadable = true;
            return new SegmentContent { EndSequence = entry.FirstSequence, End = SegmentHeader.Size };
        }
    }

    /// <summary>Makes the place behind the last sound block a clean end again; nothing depends on it but later reports.</summary>
    private bool TryCut(CatalogEntry entry)
    {
        try
        {
            using ISpoolFile file = _directory.Open(entry.Name, createNew: false, allocate: 0);
            Span<byte> zeros = stackalloc byte[BlockHeader.Size];
            zeros.Clear();
            file.WriteAll(zeros, End);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Where a number is missing, what the segment before it really holds tells how many messages are.</summary>
    private void FindMissingSegments()
    {
        for (int i = 0; i + 1 < Segments.Count; i++)
        {
            Segment segment = Segments[i];
            Segment next = Segments[i + 1];
            if (next.Number == segment.Number + 1 || next.FirstSequence <= Released) continue;
            CatalogEntry entry = new(segment.Number, segment.Tag, segment.FirstSequence, segment.Size, HeaderIsIntact: true, IsReadable: true);
            SegmentContent content = Walk(entry, next.FirstSequence);
            Lost.Add(content.EndSequence, next.FirstSequence);
        }
    }

    /// <summary>
    /// A segment that cannot be read at all now may be readable at the next start, and must not find its numbers given again.
    /// A message is at least a byte, so its file's size is more than it can hold.
    /// </summary>
    private void LeapOverUnreadable(SegmentCatalog catalog, SegmentLogOptions options)
    {
        long lastRead = Segments.Count > 0 ? Segments[^1].Number : 0;
        foreach (CatalogEntry entry in catalog.Ignored)
        {
            if (entry.IsReadable || entry.Number < lastRead) continue;
            NextSequence += Math.Max(entry.Length, options.SegmentSize);
            LastIsSealed = true;
        }
    }

    private void RemoveDelivered()
    {
        while (Segments.Count > 1 && Segments[1].FirstSequence <= Released)
        {
            TryDelete(Segments[0].Name);
            Segments.RemoveAt(0);
        }
    }

    private void AdoptSpare(IReadOnlyList<string> names, SegmentLogOptions options)
    {
        if (!names.Contains(SegmentName.Spare)) return;
        try
        {
            using ISpoolFile file = _directory.Open(SegmentName.Spare, createNew: false, allocate: 0);
            HasSpare = file.Length == options.SegmentSize;
        }
        catch (IOException)
        {
            // Not usable, so not kept.
        }
        if (!HasSpare) TryDelete(SegmentName.Spare);
    }

    private void TryDelete(string name)
    {
        try
        {
            _directory.Delete(name);
        }
        catch (IOException)
        {
            // It is found again, and removed, at the next start.
        }
    }
}
