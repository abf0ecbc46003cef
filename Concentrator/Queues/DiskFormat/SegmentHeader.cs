using System.Buffers.Binary;

namespace Concentrator.Queues.DiskFormat;

/// <summary>
/// The first bytes of a segment file. On disk (little-endian; framing and CRC as in <see cref="RecordHeader"/>):
/// <code>
///  0  4  magic F5 'S' 'E' 'G'
///  4  2  version 1
///  6  2  header length 36
///  8  8  number of the segment, as in the file's name
/// 16  8  tag of the segment, as in the file's name
/// 24  8  sequence of the first message that was to be written here
/// 32  4  CRC-32C of bytes 0 to 31
/// 36     blocks without gaps, each with a <see cref="BlockHeader"/>; after the last one
///        40 zeros (or as many as fit into the file), then whatever the file held before
/// </code>
/// </summary>
internal readonly record struct SegmentHeader(long Number, ulong Tag, long FirstSequence)
{
    public const int Size = 36;

    public static ReadOnlySpan<byte> Magic => [0xF5, (byte)'S', (byte)'E', (byte)'G'];

    public void Write(Span<byte> to)
    {
        to = to[..Size];
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], Tag);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], FirstSequence);
        RecordHeader.Seal(to, Magic);
    }

    /// <summary>
    /// Returns the version found (0 = no intact header). <paramref name="header"/> is set for the known version, and is default
    /// if a field is out of range.
    /// </summary>
    public static int Read(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        header = default;
        int version = RecordHeader.Check(bytes, Magic, Size);
        if (version != RecordHeader.KnownVersion) return version;
        SegmentHeader read = new(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]));
        if (Sequence.IsValid(read.FirstSequence)) header = read;
        return version;
    }
}
