using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>A segment file as its name and header describe it.</summary>
/// <param name="FirstSequence">From the header; if that is damaged, from the first sound block; 0 if there is none either.</param>
/// <param name="FirstIsExact">No message with a smaller sequence was ever written to it.</param>
/// <param name="HeaderIsIntact">The header is intact and matches the name.</param>
/// <param name="IsReadable">Everything that was examined could be read.</param>
internal sealed record CatalogEntry(
    long Number, ulong Tag, long FirstSequence, bool FirstIsExact, long Length, bool HeaderIsIntact, bool IsReadable)
{
    public string Name { get; } = SegmentName.Of(Number, Tag);

    /// <summary>Whether the file has no contents of its own: the program ended while beginning or reusing it.</summary>
    public bool IsEmpty => FirstSequence == 0;

    /// <summary>Whether it has an intact header and no sound block: nothing was appended, or all of it is damaged.</summary>
    public bool IsHollow { get; init; }
}

/// <summary>
/// The segments of a directory in order, from their names and headers; changes nothing. Headers are not essential: the tag in
/// the file name decides which blocks belong to a segment, so a damaged header causes no loss.
/// </summary>
internal sealed class SegmentCatalog
{
    private SegmentCatalog(List<CatalogEntry> segments, List<CatalogEntry> empty, List<CatalogEntry> ignored)
    {
        Segments = segments;
        Empty = empty;
        Ignored = ignored;
    }

    /// <summary>Segments in the order of their numbers and of their first sequences.</summary>
    public List<CatalogEntry> Segments { get; }

    /// <summary>Files without contents of their own (<see cref="CatalogEntry.IsEmpty"/>), or superseded by others.</summary>
    public List<CatalogEntry> Empty { get; }

    /// <summary>Unreadable files, and files that do not fit into the order: they were put there from outside.</summary>
    public List<CatalogEntry> Ignored { get; }

    /// <summary>The highest number of all files; 0 for none.</summary>
    public long LastNumber => Segments.Concat(Empty).Concat(Ignored).Select(static s => s.Number).DefaultIfEmpty().Max();

    /// <summary>
    /// Sequence at which the first segment began. Normally that is where it begins now, because segments are removed from the front; but
    /// if damage hides its start, everything that the checkpoint does not record as delivered may have been there.
    /// </summary>
    public long Front(long released)
    {
        CatalogEntry first = Segments[0];
        bool isCertain = first.FirstIsExact
            && !Empty.Concat(Ignored).Any(entry => entry.Number < first.Number && !entry.IsHollow);
        return isCertain ? first.FirstSequence : Math.Min(first.FirstSequence, released);
    }

    /// <exception cref="SpoolVersionException">A segment was written by a newer version.</exception>
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

        // Contents of an earlier segment from here on were never appended, or were cut off: their sequences were given to this one. If the
        // header of an earlier segment says that it begins after this one, one of the two does not belong here.
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
    /// Places a segment without blocks. The blocks of others outweigh its header: if its number was given again, or its
    /// messages are in another segment, it was begun in vain and could not be removed.
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
