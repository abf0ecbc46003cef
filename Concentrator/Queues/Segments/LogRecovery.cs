using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>
/// Brings a directory back into the order that <see cref="SegmentLog"/> works with, whatever its files hold: reads checkpoint
/// and headers, walks the last segment to its last sound block, cuts what a crash left behind it, counts what is known to be
/// lost, and removes what is delivered or was never begun.
/// </summary>
internal sealed class LogRecovery
{
    private readonly ISpoolDirectory _directory;
    private readonly BlockFinder _finder = new();
    private bool _unreadable;

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
        HasCheckpointFile = names.Contains(Queues.Segments.Checkpoint.FileName);
        Checkpoint = Queues.Segments.Checkpoint.Find(_directory, names, out _);
        SegmentCatalog catalog = SegmentCatalog.Read(_directory, names, _finder);
        LastNumber = catalog.LastNumber;
        SegmentContent last = WalkTail(catalog);
        foreach (CatalogEntry entry in catalog.Segments)
        {
            long first = Segments.Count == 0 ? catalog.Front(Checkpoint?.Released ?? Sequence.First) : entry.FirstSequence;
            Lost.Add(first, entry.FirstSequence);
            Segments.Add(new Segment(entry.Number, entry.Tag, first, Math.Max(entry.Length, options.SegmentSize)));
        }

        NextSequence = Math.Max(last.EndSequence, Checkpoint?.Next ?? Sequence.First);
        Released = Math.Min(Math.Max(Checkpoint?.Released ?? Sequence.First, Sequence.First), NextSequence);
        FindMissingSegments(catalog);
        Lost.Add(last.EndSequence, NextSequence);
        long known = NextSequence;
        LeapOverUnreadable(catalog, options);

        RemoveDelivered();
        foreach (CatalogEntry entry in catalog.Empty) TryDelete(entry.Name);
        AdoptSpare(names, options);

        // What is missing in front of the first segment was delivered or dropped: that is where segments leave.
        long held = Math.Max(Released, Segments.Count > 0 ? Segments[0].FirstSequence : Sequence.First);
        Lost.ForgetBelow(held);
        Report = new RecoveryReport(known - held - Lost.Count, Segments.Count, last.TornBytes, last.CorruptBlocks, Lost.Count)
        {
            TornMessages = Math.Min(last.TornMessages, Math.Max(0, last.EndSequence + last.TornMessages - NextSequence)),
            CheckpointMissing = Checkpoint is null && catalog.Segments.Count > 0,
            IgnoredSegments = catalog.Ignored.Count,
            MetUnreadable = _unreadable,
        };

        // Never given to a message, or in a segment that may be readable at the next start: neither held nor lost.
        Lost.Add(known, NextSequence);
    }

    /// <summary>
    /// Walks back to the last segment that holds something, and finds out which segment to go on with. Empty ones behind it stay
    /// only if its blocks do not reach into their numbers: else they are left over from an append that failed, and their
    /// numbers were given to those blocks. Unreadable ones are left alone.
    /// </summary>
    private SegmentContent WalkTail(SegmentCatalog catalog)
    {
        List<CatalogEntry> entries = catalog.Segments;
        SegmentContent last = new() { EndSequence = Sequence.First };
        bool lastIsReadable = true;
        long tornBytes = 0;
        long end = Sequence.First;
        int index = entries.Count - 1;
        for (; index >= 0; index--)
        {
            SegmentContent content = Walk(entries[index], Sequence.Max, out bool metUnreadable);
            if (metUnreadable && content.Blocks == 0)
            {
                catalog.Ignored.Add(entries[index] with { IsReadable = false });
                entries.RemoveAt(index);
                continue;
            }
            if (index == entries.Count - 1) (last, lastIsReadable) = (content, !metUnreadable);
            tornBytes += content.TornBytes;
            _unreadable |= metUnreadable;
            if (content.Blocks == 0) continue;
            end = content.EndSequence;
            break;
        }
        while (entries.Count > index + 1 && entries[index + 1].FirstSequence < end)
        {
            catalog.Empty.Add(entries[index + 1]);
            entries.RemoveAt(index + 1);
            if (entries.Count == index + 1) last = Walk(entries[index], Sequence.Max, out _);
        }
        if (entries.Count == 0) return last with { TornBytes = tornBytes };

        // What cannot be read back with certainty is no ground to build on.
        End = last.End;
        LastIsSealed = !entries[^1].HeaderIsIntact || !lastIsReadable || (last.TornBytes > 0 && !TryCut(entries[^1]));
        Lost.Add(end, last.EndSequence);
        return last with { TornBytes = tornBytes };
    }

    private SegmentContent Walk(CatalogEntry entry, long most, out bool metUnreadable)
    {
        SegmentWalk walk = new(_finder) { OnLost = (from, to) => Lost.Add(from, to) };
        _finder.PassUnreadable = true;
        _finder.MetUnreadable = false;
        try
        {
            using ISpoolFile file = _directory.OpenPatiently(entry.Name);
            SegmentContent content = walk.Walk(file, entry.Tag, entry.FirstSequence, most);
            metUnreadable = _finder.MetUnreadable;
            return content;
        }
        catch (IOException)
        {
            metUnreadable = true;
            return new SegmentContent { EndSequence = entry.FirstSequence, End = SegmentHeader.Size };
        }
    }

    /// <summary>Makes the place behind the last sound block a clean end again; nothing depends on it but later reports.</summary>
    private bool TryCut(CatalogEntry entry)
    {
        try
        {
            using ISpoolFile file = _directory.OpenPatiently(entry.Name);
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
    private void FindMissingSegments(SegmentCatalog catalog)
    {
        for (int i = 0; i + 1 < Segments.Count; i++)
        {
            Segment segment = Segments[i];
            Segment next = Segments[i + 1];
            if (next.Number == segment.Number + 1 || next.FirstSequence <= Released) continue;
            SegmentContent content = Walk(catalog.Segments[i], next.FirstSequence, out _);
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
            using ISpoolFile file = _directory.OpenPatiently(SegmentName.Spare);
            HasSpare = file.LengthPatiently() == options.SegmentSize;
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
