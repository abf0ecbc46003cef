using System.Buffers.Binary;
using System.Text;
using Concentrator.Bytes;
using Concentrator.Queues.DiskFormat;

namespace Concentrator.Queues.Totals;

/// <summary>
/// The header of a file of totals (little-endian; framing and CRC as in <see cref="RecordHeader"/>):
/// <code>
///  0  4  magic F5 'T' 'O' 'T'
///  4  2  version 1
///  6  2  header length 36
///  8  8  identity, random: who finds these totals elsewhere knows that they are the same count
/// 16  8  when they began, milliseconds since 1970 (UTC)
/// 24  4  CRC-32C of what is counted, as text: the totals of another stream are not continued
/// 28  4  number of words
/// 32  4  CRC-32C of bytes 0 to 31
/// 64     words of 8 bytes, none of them negative
/// </code>
/// </summary>
/// <param name="Identity">16 hexadecimal digits.</param>
/// <param name="Began">When the count began.</param>
/// <param name="Purpose">Checksum of what is counted.</param>
/// <param name="Words">Number of words.</param>
internal readonly record struct TotalsHeader(string Identity, DateTimeOffset Began, uint Purpose, int Words)
{
    public const int Size = 36;

    /// <summary>Offset of the first word.</summary>
    public const int WordsOffset = 64;

    /// <summary>Bytes of the file: one page.</summary>
    public const int FileSize = 4096;

    private static ReadOnlySpan<byte> Magic => [0xF5, (byte)'T', (byte)'O', (byte)'T'];

    /// <summary>The checksum of what is counted.</summary>
    public static uint PurposeOf(string purpose) => Crc32C.Of(Encoding.UTF8.GetBytes(purpose));

    public void Write(Span<byte> to)
    {
        to = to[..Size];
        Convert.FromHexString(Identity).CopyTo(to[8..]);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], Began.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt32LittleEndian(to[24..], Purpose);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], Words);
        RecordHeader.Seal(to, Magic);
    }

    /// <summary>Reads the header at the start of a file. The version is 0 where there is none that is intact.</summary>
    public static int Read(ReadOnlySpan<byte> file, out TotalsHeader header)
    {
        header = default;
        int version = RecordHeader.Check(file, Magic, Size);
        if (version != RecordHeader.KnownVersion) return version;
        long began = BinaryPrimitives.ReadInt64LittleEndian(file[16..]);
        if (began < 0 || began > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return 0;
        header = new TotalsHeader(
            Convert.ToHexStringLower(file.Slice(8, 8)), DateTimeOffset.FromUnixTimeMilliseconds(began),
            BinaryPrimitives.ReadUInt32LittleEndian(file[24..]), BinaryPrimitives.ReadInt32LittleEndian(file[28..]));
        return version;
    }
}
