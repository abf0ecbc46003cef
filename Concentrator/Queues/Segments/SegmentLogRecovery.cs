using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>
/// Restores the order that <see cref="SegmentLog"/> needs, whatever the files of a directory contain: reads checkpoint
/// and headers, walks the last segment to its last sound block, cuts off what a crash left after it, counts messages known to be
/// lost, and removes segments that are delivered or were never begun.
/// </summary>
internal sealed class SegmentLogRecovery
{
    private readonly ISpoolDirectory _directory;
    private readonly BlockFinder _finder = new();
    private bool _unreadable;

    private SegmentLogRecovery(ISpoolDirectory directory) => _directory = directory;

    public List<Segment> Segments { get; } = [];

    public LostRanges Lost { get; } = new();

    public Checkpoint? Checkpoint { get; private set; }

    public bool HasCheckpointFile { get; private set; }

    /// <summary>Every message below this sequence is delivered.</summary>
    public long Released { get; private set; } = Sequence.First;

    public long NextSequence { get; private set; } = Sequence.First;

    /// <summary>Sequences before <see cref="NextSequence"/> that were leapt over: no message got them, as far as is known.</summary>
    public long Skipped { get; private set; }

    public long LastNumber { get; private set; }

    /// <summary>Offset of the next block in the last segment.</summary>
    public long End { get; private set; }

    /// <summary>Whether nothing more should be written to the last segment.</summary>
    public bool LastIsSealed { get; private set; }

    public bool HasSpare { get; private set; }

    public RecoveryReport Report { get; private set; } = new(0, 0, 0, 0, 0);

    /// <exception cref="SpoolVersionException">A file was written by a newer version; nothing was changed.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static SegmentLogRecovery Run(ISpoolDirectory directory, SegmentLogOptions options)
    {
        SegmentLogRecovery recovery = new(directory);
        recovery.Recover(options);
        return recovery;
    }

    private void Recover(SegmentLogOptions options)
    {
        IReadOnlyList<string> names = _directory.List();
        HasCheckpointFile = names.Contains(DiskFormat.Checkpoint.FileName);
        Checkpoint = DiskFormat.Checkpoint.Find(_directory, names, out _);
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
        Skipped = NextSequence - known;

        RemoveDelivered();
        foreach (CatalogEntry entry in catalog.Empty) TryDelete(entry.Name);
        AdoptSpare(names, options);

        // Messages missing before the first segment were delivered or dropped, because segments are removed from the front.
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
    /// Walks back to the last segment that holds something, and decides which segment to continue with. Empty ones after it are kept
    /// only if its blocks do not reach into their sequences: otherwise they are left over from a failed append, and their
    /// sequences were given to those blocks. Unreadable ones are not touched.
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

        // Nothing is appended after data that cannot be read back reliably.
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

    /// <summary>Writes a clean end mark after the last sound block; only later reports depend on it.</summary>
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

    /// <summary>If a segment number is missing, the contents of the segment before it show how many messages are missing.</summary>
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
    /// A segment that cannot be read now may be readable at the next start, so its sequences must not be given again.
    /// A message has at least one byte, so the file size is an upper bound on the number of messages.
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
            // Not usable: deleted below.
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
            // The next start finds and removes it.
        }
    }
}
