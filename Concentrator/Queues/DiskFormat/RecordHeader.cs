using System.Buffers.Binary;
using Concentrator.Bytes;

namespace Concentrator.Queues.DiskFormat;

/// <summary>
/// The common part of every header on disk, in this version and all later ones, so that a header of a newer version is
/// recognised reliably and not treated as damage:
/// <code>
///   0       4  magic: 0xF5, a byte that no UTF-8 text contains, and three letters
///   4       2  version
///   6       2  header length L, itself included
///   8    L-12  fields
/// L-4       4  CRC-32C of bytes 0 to L-5
/// </code>
/// All numbers are little-endian.
/// </summary>
internal static class RecordHeader
{
    public const ushort KnownVersion = 1;

    /// <summary>Bytes of magic, version and length.</summary>
    public const int PrefixSize = 8;

    /// <summary>Longest header that a later version may have.</summary>
    public const int MaxSize = 256;

    private const int CrcSize = 4;

    /// <summary>Writes prefix and CRC around the fields already in place.</summary>
    public static void Seal(Span<byte> header, ReadOnlySpan<byte> magic)
    {
        magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], KnownVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)header.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[^CrcSize..], Crc32C.Of(header[..^CrcSize]));
    }

    /// <summary>
    /// Returns the version of the intact header at the start of <paramref name="bytes"/> (more bytes may follow); 0 if there is
    /// none. A header of the known version has exactly <paramref name="size"/> bytes.
    /// </summary>
    public static int Check(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> magic, int size)
    {
        if (bytes.Length < PrefixSize + CrcSize || !bytes.StartsWith(magic)) return 0;
        int version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        if (version == 0 || length is < PrefixSize + CrcSize or > MaxSize || length > bytes.Length) return 0;
        if (version <= KnownVersion && length != size) return 0;
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - CrcSize)..]);
        return crc == Crc32C.Of(bytes[..(length - CrcSize)]) ? version : 0;
    }
}
