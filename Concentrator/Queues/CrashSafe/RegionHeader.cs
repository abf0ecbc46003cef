using System.Buffers.Binary;
using Concentrator.Queues.DiskFormat;

namespace Concentrator.Queues.CrashSafe;

/// <summary>The purpose of a region: a file of one kind is never used as another.</summary>
internal enum RegionKind : uint
{
    /// <summary>Blocks of one output that are not yet on disk or in a file: <c>CrashSafeBlocks</c>.</summary>
    Front = 1,

    /// <summary>Datagrams of one listener that are not yet in a block: the receive ring.</summary>
    Ring = 2,
}

/// <summary>
/// How a region is divided: one page for the header and the owner's words, one record per unit, then the units from a page
/// boundary on.
/// </summary>
internal readonly record struct RegionLayout(RegionKind Kind, int RecordSize, int UnitSize, int Units)
{
    private const int Page = 4096;

    /// <summary>Offset of the owner's words, which extend to the end of the first page.</summary>
    public const int OwnWords = 1024;

    public const int Records = Page;

    public long UnitsOffset => Records + ((long)RecordSize * Units + Page - 1) / Page * Page;

    /// <summary>Byte offset of a unit.</summary>
    public long OffsetOf(int unit) => UnitsOffset + (long)UnitSize * unit;

    /// <summary>Length of the whole file in bytes.</summary>
    public long Length => OffsetOf(Units);

    public bool IsPossible => RecordSize is > 0 and <= Page && UnitSize > 0 && Units is > 0 and <= 1 << 20;
}

/// <summary>
/// The header of a working-memory file (little-endian; framing and CRC as in <see cref="RecordHeader"/>):
/// <code>
///  0  4  magic F5 'M' 'E' 'M'
///  4  2  version 1
///  6  2  header length 44
///  8  4  kind: 1 = front, 2 = ring
/// 12  4  record size in bytes
/// 16  4  unit size in bytes
/// 20  4  number of units
/// 24 16  boot id of the kernel under which it was written: after another boot, only pages that happened to reach the disk exist
/// 40  4  CRC-32C of bytes 0 to 39
/// 1024   words of the owner (<see cref="RegionLayout.OwnWords"/>)
/// 4096   records, then units from the next multiple of 4096 on
/// </code>
/// </summary>
internal readonly record struct RegionHeader(RegionLayout Layout, Guid BootId)
{
    public const int Size = 44;

    private static ReadOnlySpan<byte> Magic => [0xF5, (byte)'M', (byte)'E', (byte)'M'];

    public void Write(Span<byte> to)
    {
        to = to[..Size];
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], (uint)Layout.Kind);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], Layout.RecordSize);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], Layout.UnitSize);
        BinaryPrimitives.WriteInt32LittleEndian(to[20..], Layout.Units);
        BootId.TryWriteBytes(to[24..]);
        RecordHeader.Seal(to, Magic);
    }

    /// <summary>False unless the header is intact, of this version, and of a possible layout.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RegionHeader header)
    {
        header = default;
        if (RecordHeader.Check(bytes, Magic, Size) != RecordHeader.KnownVersion) return false;
        RegionLayout layout = new(
            (RegionKind)BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]));
        header = new RegionHeader(layout, new Guid(bytes.Slice(24, 16)));
        return layout.IsPossible;
    }
}
