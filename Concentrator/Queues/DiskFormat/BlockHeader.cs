using System.Buffers.Binary;

namespace Concentrator.Queues.DiskFormat;

/// <summary>
/// The header before every block's payload. On disk (little-endian; framing and CRC as in <see cref="RecordHeader"/>):
/// <code>
///  0  4  magic F5 'B' 'L' 'K'
///  4  2  version 1
///  6  2  header length 40
///  8  4  payload length, 1 or more
/// 12  4  messages in the payload, 1 or more
/// 16  8  sequence of the first message
/// 24  8  tag of the segment
/// 32  4  CRC-32C of the payload
/// 36  4  CRC-32C of bytes 0 to 35
/// 40     payload: ready-to-send frames, opaque
/// </code>
/// The tag is a random number drawn when the segment was begun. It ties a block to this use of the file: blocks left in a
/// recycled file from its earlier use have another tag, and a sender cannot know the tag, so it cannot forge a block inside
/// a message.
/// </summary>
internal readonly record struct BlockHeader(int PayloadLength, int Messages, long FirstSequence, ulong Tag, uint PayloadCrc)
{
    public const int Size = 40;

    public static ReadOnlySpan<byte> Magic => [0xF5, (byte)'B', (byte)'L', (byte)'K'];

    /// <summary>Sequence after the last message.</summary>
    public long EndSequence => FirstSequence + Messages;

    /// <summary>Length of header and payload in bytes.</summary>
    public long TotalLength => Size + (long)PayloadLength;

    public void Write(Span<byte> to)
    {
        to = to[..Size];
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], PayloadLength);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], Messages);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], FirstSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], Tag);
        BinaryPrimitives.WriteUInt32LittleEndian(to[32..], PayloadCrc);
        RecordHeader.Seal(to, Magic);
    }

    /// <summary>True for an intact header with all fields in range; the payload is not checked.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlockHeader header)
    {
        header = default;
        if (RecordHeader.Check(bytes, Magic, Size) != RecordHeader.KnownVersion) return false;
        header = new BlockHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]));
        return header.PayloadLength > 0 && header.Messages > 0 && Sequence.IsValid(header.FirstSequence)
            && Sequence.IsValid(header.EndSequence);
    }
}
