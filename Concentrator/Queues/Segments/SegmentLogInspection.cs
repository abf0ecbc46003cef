using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>Result of reading every byte of a log. Only undelivered messages count as lost.</summary>
internal sealed record LogVerdict(long Blocks, long Messages, long PayloadBytes, long Corrupt, long TornBytes, long LostMessages)
{
    /// <summary>Damaged segment headers, which cause no loss.</summary>
    public int DamagedHeaders { get; init; }

    /// <summary>Files with a segment's name that do not fit into the order, or cannot be read.</summary>
    public int Unusable { get; init; }

    /// <summary>Segments that were begun and never held anything; the next start removes them. Not damage.</summary>
    public int Leftovers { get; init; }

    public bool CheckpointIsDamaged { get; init; }

    public bool IsClean => this is { Corrupt: 0, TornBytes: 0, LostMessages: 0, DamagedHeaders: 0, Unusable: 0, CheckpointIsDamaged: false };
}

/// <summary>Figures from the headers of a log.</summary>
/// <param name="FirstSequence">The oldest message not yet delivered; <paramref name="NextSequence"/> if there is none.</param>
internal sealed record LogStatistics(long Messages, long FirstSequence, long NextSequence, int Segments, long DiskBytes);

/// <summary>Examines the log of a directory opened for reading, and changes nothing.</summary>
internal static class SegmentLogInspection
{
    /// <exception cref="SpoolVersionException">The directory was written by a newer version.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static LogVerdict Verify(ISpoolDirectory directory)
    {
        BlockFinder finder = new();
        IReadOnlyList<string> names = directory.List();
        Checkpoint? checkpoint = Checkpoint.Find(directory, names, out bool checkpointIsDamaged);
        SegmentCatalog catalog = SegmentCatalog.Read(directory, names, finder);
        long released = checkpoint?.Released ?? Sequence.First;
        LostRanges lost = new();
        LogVerdict verdict = new(0, 0, 0, 0, 0, 0)
        {
            DamagedHeaders = catalog.Segments.Count(static s => !s.HeaderIsIntact),
            Unusable = catalog.Ignored.Count,
            Leftovers = catalog.Empty.Count,
            CheckpointIsDamaged = checkpointIsDamaged,
        };
        long end = released;
        for (int i = 0; i < catalog.Segments.Count; i++)
        {
            CatalogEntry entry = catalog.Segments[i];
            bool isLast = i == catalog.Segments.Count - 1;
            long most = isLast ? Sequence.Max : catalog.Segments[i + 1].FirstSequence;
            finder.PassUnreadable = true;
            finder.MetUnreadable = false;
            SegmentWalk walk = new(finder) { OnLost = (from, to) => lost.Add(from, to) };
            if (i == 0) lost.Add(catalog.Front(released), entry.FirstSequence);
            SegmentContent content = Walk(directory, walk, entry, most);
            bool endsEarly = !isLast && content.EndSequence < most;
            if (endsEarly) lost.Add(content.EndSequence, most);
            end = content.EndSequence;
            verdict = verdict with
            {
                Blocks = verdict.Blocks + content.Blocks,
                Messages = verdict.Messages + content.Messages,
                PayloadBytes = verdict.PayloadBytes + content.PayloadBytes,
                Corrupt = verdict.Corrupt + content.CorruptBlocks + (endsEarly ? 1 : 0),
                TornBytes = verdict.TornBytes + (isLast ? content.TornBytes : 0),
                Unusable = verdict.Unusable + (finder.MetUnreadable ? 1 : 0),
            };
        }
        lost.Add(end, checkpoint?.Next ?? Sequence.First);
        lost.ForgetBelow(released);
        return verdict with { LostMessages = lost.Count };
    }

    /// <inheritdoc cref="Verify"/>
    public static LogStatistics Measure(ISpoolDirectory directory)
    {
        using SegmentLog log = SegmentLog.Open(directory, new SegmentLogOptions(), out RecoveryReport report);
        long bytes = 0;
        foreach (string name in directory.List())
        {
            if (name != SegmentName.Spare && !SegmentName.TryParse(name, out _, out _)) continue;
            try
            {
                using ISpoolFile file = directory.Open(name, createNew: false, allocate: 0);
                bytes += file.Length;
            }
            catch (IOException)
            {
                // A running server may have removed it meanwhile.
            }
        }
        return new LogStatistics(report.Messages, log.FirstSequence, log.NextSequence, report.Segments, bytes);
    }

    private static SegmentContent Walk(ISpoolDirectory directory, SegmentWalk walk, CatalogEntry entry, long most)
    {
        try
        {
            using ISpoolFile file = directory.OpenPatiently(entry.Name);
            return walk.Walk(file, entry.Tag, entry.FirstSequence, most);
        }
        catch (IOException)
        {
            // A running server may have removed it meanwhile; otherwise its messages count as lost.
            return new SegmentContent { EndSequence = entry.FirstSequence };
        }
    }
}
