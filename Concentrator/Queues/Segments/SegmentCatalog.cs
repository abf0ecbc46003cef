using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>A segment file as its name and header describe it.</summary>
/// <param name="FirstSequence">As the header says; where that is damaged, of the first sound block; 0 where there is none either.</param>
/// <param name="FirstIsExact">No message with a smaller sequence was ever written here.</param>
/// <param name="HeaderIsIntact">The header belongs to the name.</param>
/// <param name="IsReadable">Nothing of what was looked at failed to be read.</param>
internal sealed record CatalogEntry(
    long Number, ulong Tag, long FirstSequence, bool FirstIsExact, long Length, bool HeaderIsIntact, bool IsReadable)
{
    public string Name { get; } = SegmentName.Of(Number, Tag);

    /// <summary>Nothing in it belongs to it: a segment that was begun, or was to be used again, when the program ended.</summary>
    public bool IsEmpty => FirstSequence == 0;

    /// <summary>An intact header and no sound block: nothing was appended, or all of it is damaged.</summary>
    public bool IsHollow { get; init; }
}

/// <summary>
/// The segments of a directory in order, from their names and headers; nothing is changed. A header is only a witness: which
/// blocks belong to a segment is decided by the tag in the file's name, so a damaged header costs nothing.
/// </summary>
internal sealed class SegmentCatalog
{
    private SegmentCatalog(List<CatalogEntry> segments, List<CatalogEntry> empty, List<CatalogEntry> ignored)
    {
        Segments = segments;
        Empty = empty;
        Ignored = ignored;
    }

    /// <summary>In the order of their numbers and of their first sequences.</summary>
    public List<CatalogEntry> Segments { get; }

    /// <summary>Nothing in them belongs to them.</summary>
    public List<CatalogEntry> Empty { get; }

    /// <summary>Unreadable, or in no order with the others: somebody has put them there.</summary>
    public List<CatalogEntry> Ignored { get; }

    /// <summary>The highest number of all; 0 for none.</summary>
    public long LastNumber => Segments.Concat(Empty).Concat(Ignored).Select(static s => s.Number).DefaultIfEmpty().Max();

    /// <summary>
    /// Where the first segment began. Ordinarily that is where it begins now, since the front is where segments leave; but if
    /// damage hides it, all that the checkpoint does not call delivered may have been there.
    /// </summary>
    public long Front(long released)
    {
        CatalogEntry first = Segments[0];
        bool isCertain = first.FirstIsExact
            && !Empty.Concat(Ignored).Any(entry => entry.Number < first.Number && !entry.IsHollow);
        return isCertain ? first.FirstSequence : Math.Min(first.FirstSequence, released);
    }

    /// <exception cref="SpoolVersionException">A segment is of a newer version.</exception>
    /// <exception cref="IOException">The directory cannot be listed.</exception>
    public static SegmentCatalog Read(ISpoolDirectory directory, IReadOnlyList<string> names, BlockFinder finder)
    {
        List<CatalogEntry> found = [];
        foreach (string name in names)
        {
            if (SegmentName.TryParse(name, out long number, out ulong tag)) found.Add(ReadOne(directory, number, tag, finder));
        }
        found.Sort(static (a, b) => a.Number != b.Number ? a.Number.CompareTo(b.Number) : a.Tag.CompareTo(b.Tag));

        SegmentCatalog catalog = new([], [], []);
        foreach (CatalogEntry entry in found.Where(static e => !e.IsHollow)) catalog.Add(entry);
        foreach (CatalogEntry entry in found.Where(static e => e.IsHollow)) catalog.AddHollow(entry, directory, finder);
        return catalog;
    }

    private void Add(CatalogEntry entry)
    {
        if (entry.IsEmpty)
        {
            (entry.IsReadable ? Empty : Ignored).Add(entry);
            return;
        }

        // What an earlier one holds from here on was never appended, or cut off again: its numbers were given to this one. One
        // that says in its header that it begins behind this one does not belong here, or this one does not.
        while (Segments.Count > 0 && entry.FirstIsExact && Segments[^1].FirstSequence >= entry.FirstSequence
            && (!Segments[^1].FirstIsExact || Segments[^1].FirstSequence == entry.FirstSequence))
        {
            Empty.Add(Segments[^1]);
            Segments.RemoveAt(Segments.Count - 1);
        }
        bool fits = Segments.Count == 0 || Segments[^1].FirstSequence < entry.FirstSequence;
        (fits ? Segments : Ignored).Add(entry);
    }

    /// <summary>
    /// Blocks are better witnesses than the header of a segment that has none: one whose number was given again, or whose
    /// messages are in another segment, was begun in vain and could not be removed.
    /// </summary>
    private void AddHollow(CatalogEntry entry, ISpoolDirectory directory, BlockFinder finder)
    {
        int index = Segments.FindIndex(other => other.Number >= entry.Number);
        if (index < 0) index = Segments.Count;
        CatalogEntry? before = index > 0 ? Segments[index - 1] : null;
        CatalogEntry? after = index < Segments.Count ? Segments[index] : null;
        bool fits = (after is null || (after.Number > entry.Number && after.FirstSequence > entry.FirstSequence))
            && (before is null || (before.FirstSequence < entry.FirstSequence && !Reaches(before, entry.FirstSequence, directory, finder)));
        if (fits) Segments.Insert(index, entry);
        else Empty.Add(entry);
    }

    private static bool Reaches(CatalogEntry entry, long sequence, ISpoolDirectory directory, BlockFinder finder)
    {
        finder.PassUnreadable = true;
        try
        {
            using ISpoolFile file = directory.OpenPatiently(entry.Name);
            return new SegmentWalk(finder).Walk(file, entry.Tag, entry.FirstSequence, Sequence.Max).EndSequence > sequence;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static CatalogEntry ReadOne(ISpoolDirectory directory, long number, ulong tag, BlockFinder finder)
    {
        long length = 0;
        finder.PassUnreadable = true;
        finder.MetUnreadable = false;
        try
        {
            using ISpoolFile file = directory.OpenPatiently(SegmentName.Of(number, tag));
            length = file.LengthPatiently();
            Span<byte> bytes = stackalloc byte[RecordHeader.MaxSize];
            int count = finder.Read(file, bytes, 0);
            int version = SegmentHeader.Read(bytes[..count], out SegmentHeader header);
            if (version > RecordHeader.KnownVersion)
                throw new SpoolVersionException($"{directory}", SegmentName.Of(number, tag), version, RecordHeader.KnownVersion);
            if (header.FirstSequence > 0 && header.Number == number && header.Tag == tag)
            {
                bool holdsBlock = count >= SegmentHeader.Size + BlockHeader.Size
                    && BlockHeader.TryRead(bytes[SegmentHeader.Size..], out BlockHeader block) && block.Tag == tag;
                return new CatalogEntry(number, tag, header.FirstSequence, FirstIsExact: true, length, HeaderIsIntact: true, IsReadable: true)
                {
                    IsHollow = !holdsBlock && new SegmentWalk(finder).Walk(file, tag, header.FirstSequence, Sequence.Max).Blocks == 0
                        && !finder.MetUnreadable,
                };
            }

            long firstAt = 0;
            SegmentWalk walk = new(finder) { OnBlock = (_, at) => firstAt = firstAt == 0 ? at : firstAt };
            long first = walk.Walk(file, tag, 0, Sequence.Max).FirstSequence;
            bool isExact = firstAt == SegmentHeader.Size + BlockHeader.Size;
            return new CatalogEntry(number, tag, first, isExact, length, HeaderIsIntact: false, !finder.MetUnreadable);
        }
        catch (IOException)
        {
            return new CatalogEntry(number, tag, 0, FirstIsExact: false, length, HeaderIsIntact: false, IsReadable: false);
        }
    }
}
