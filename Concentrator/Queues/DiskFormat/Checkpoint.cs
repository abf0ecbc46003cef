using System.Buffers.Binary;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.DiskFormat;

/// <summary>
/// How far delivery has come. The file <c>checkpoint</c> has two slots, at offsets 0 and 4096 so that they share no sector,
/// written in turn: an interrupted write damages one slot and leaves the other. The intact slot with the higher generation
/// counts. A slot on disk (little-endian; framing and CRC as in <see cref="RecordHeader"/>):
/// <code>
///  0  4  magic F5 'C' 'H' 'K'
///  4  2  version 1
///  6  2  length 36
///  8  8  generation, from 1
/// 16  8  first sequence not yet delivered
/// 24  8  sequence that the next message was to get
/// 32  4  CRC-32C of bytes 0 to 31
/// </code>
/// </summary>
/// <param name="Generation">Of the slot; even generations are in the first one.</param>
/// <param name="Released">Every message below this sequence is delivered.</param>
/// <param name="Next">Every message below this sequence was appended: it is held, delivered, or lost.</param>
internal readonly record struct Checkpoint(long Generation, long Released, long Next)
{
    public const string FileName = "checkpoint";

    private const int Size = 36;
    private const int SlotDistance = 4096;

    private static ReadOnlySpan<byte> Magic => [0xF5, (byte)'C', (byte)'H', (byte)'K'];

    public void Write(ISpoolFile file)
    {
        Span<byte> slot = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64LittleEndian(slot[8..], Generation);
        BinaryPrimitives.WriteInt64LittleEndian(slot[16..], Released);
        BinaryPrimitives.WriteInt64LittleEndian(slot[24..], Next);
        RecordHeader.Seal(slot, Magic);
        file.WriteAll(slot, Generation % 2 * SlotDistance);
    }

    /// <summary>Reads the checkpoint of a directory with these file names; null when there is none, or none that is intact.</summary>
    /// <param name="isDamaged">The file exists but cannot be used: as without one, some messages may be delivered again.</param>
    /// <exception cref="SpoolVersionException">It was written by a later version.</exception>
    public static Checkpoint? Find(ISpoolDirectory directory, IReadOnlyList<string> names, out bool isDamaged)
    {
        isDamaged = false;
        if (!names.Contains(FileName)) return null;
        Checkpoint? checkpoint = null;
        int version = 0;
        try
        {
            using ISpoolFile file = directory.OpenPatiently(FileName);
            checkpoint = Read(file, out version);
        }
        catch (IOException)
        {
            // Reported by isDamaged.
        }
        if (version > RecordHeader.KnownVersion)
            throw new SpoolVersionException($"{directory}", FileName, version, RecordHeader.KnownVersion);
        isDamaged = checkpoint is null;
        return checkpoint;
    }

    /// <summary>
    /// Returns the newest intact slot; null if there is none. <paramref name="version"/> is the highest version of an intact slot.
    /// </summary>
    public static Checkpoint? Read(ISpoolFile file, out int version)
    {
        Checkpoint? newest = null;
        version = 0;
        for (int slot = 0; slot < 2; slot++)
        {
            // An unreadable slot counts as damaged: more is delivered than necessary.
            byte[] bytes = file.ReadPatiently(RecordHeader.MaxSize, slot * SlotDistance);
            int found = RecordHeader.Check(bytes, Magic, Size);
            version = Math.Max(version, found);
            if (found != RecordHeader.KnownVersion) continue;
            Checkpoint read = new(
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)),
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)),
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24)));
            bool sound = read.Generation is > 0 and < long.MaxValue && Sequence.IsValid(read.Released) && Sequence.IsValid(read.Next)
                && read.Released <= read.Next;
            if (sound && read.Generation > (newest?.Generation ?? 0)) newest = read;
        }
        return newest;
    }
}
