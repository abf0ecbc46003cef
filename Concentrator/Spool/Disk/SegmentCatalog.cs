namespace Concentrator.Spool;

/// <summary>A segment file as its name and header describe it.</summary>
/// <param name="FirstSequence">As the header says; where that is damaged, of the first block; 0 where there is none either.</param>
/// <param name="HeaderIsIntact">The header belongs to the name.</param>
/// <param name="IsReadable">Nothing of what was looked at failed to be read.</param>
internal sealed record CatalogEntry(
    long Number, ulong Tag, long FirstSequence, long Length, bool HeaderIsIntact, bool IsReadable)
{
    public string Name { get; } = SegmentName.Of(Number, Tag);

    /// <summary>Nothing in it belongs to it: a segment that was begun, or was to be used again, when the program ended.</summary>
    public bool IsEmpty => FirstSequence == 0;
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

    /// <summary>The higest number of all; 0 for none.</summary>
    public long LastNumber => Segments.Concat(Empty).Concat(Ignored).Select(static s => s.Number).DefaultIfEmpty().Max();

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
        foreach (CatalogEntry entry in found)
        {
            List<CatalogEntry> segments = catalog.Segments;
            if (entry.IsEmpty)
            {
                (entry.IsReadable ? catalog.Empty : catalog.Ignored).Add(entry);
                continue;
            }
            if (segments.Count > 0 && entry.FirstSequence < segments[^1].FirstSequence)
            {
                catalog.Ignored.Add(entry);
                continue;
            }
            if (segments.Count > 0 && entry.FirstSequence == segments[^1].FirstSequence)
            {
                // Whatever the earlier one holds was never appended: its numbers were given again to the later one.
                catalog.Empty.Add(segments[^1]);
                segments.RemoveAt(segments.Count - 1);
            }
            segments.Add(entry);
        }
        return catalog;
    }

    private static CatalogEntry ReadOne(ISpoolDirectory directory, long number, ulong tag, BlockFinder finder)
    {
        long length = 0;
        finder.PassUnreadable = true;
        finder.MetUnreadable = false;
        try
        {
            using ISpoolFile file = directory.Open(SegmentName.Of(number, tag), createNew: false, allocate: 0);
            length = file.Length;
            Span<byte> bytes = stackalloc byte[RecordHeader.MaxSize];
            int count = finder.Read(file, bytes, 0);
            int version = SegmentHeader.Read(bytes[..count], out SegmentHeader header);
            if (version > RecordHeader.KnownVersion)
                throw new SpoolVersionException($"{directory}", SegmentName.Of(number, tag), version, RecordHeader.KnownVersion);
            if (header.FirstSequence > 0 && header.Number == number && header.Tag == tag)
                return new CatalogEntry(number, tag, header.FirstSequence, length, HeaderIsIntact: true, IsReadable: true);
            bool holds = finder.TryFind(file, tag, SegmentHeader.Size, length, Sequence.First, Sequence.Max, out _, out BlockHeader first);
            return new CatalogEntry(number, tag, holds ? first.FirstSequence : 0, length, HeaderIsIntact: false, !finder.MetUnreadable);
        }
        catch (IOException)
        {
            return new CatalogEntry(number, tag, 0, length, HeaderIsIntact: false, IsReadable: false);
        }
    }
}
