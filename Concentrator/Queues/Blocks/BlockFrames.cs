using Concentrator.Bytes;

namespace Concentrator.Queues.Blocks;

/// <summary>
/// Finds where the messages of a relay's block end: it holds octet-counted frames (<c>MSG-LEN SP MSG</c>). Pure; allocates nothing.
/// </summary>
internal static class BlockFrames
{
    /// <summary>Largest number of digits of a MSG-LEN.</summary>
    public const int CountDigits = 9;

    /// <summary>
    /// Returns the length of the first whole frames, as many as fit into <paramref name="mostBytes"/> and at most
    /// <paramref name="mostFrames"/>; <paramref name="frames"/> is their number. Bytes that are not octet-counted, which the spool
    /// never holds, count as one frame to the end.
    /// </summary>
    public static int First(ReadOnlySpan<byte> bytes, int mostBytes, int mostFrames, out int frames)
    {
        int end = 0;
        for (frames = 0; frames < mostFrames && end < bytes.Length; frames++)
        {
            int length = LengthOf(bytes[end..]);
            if (end + (long)length > mostBytes) break;
            end += length;
        }
        return end;
    }

    /// <summary>Length of the first frame in bytes, including its MSG-LEN.</summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes) =>
        TryReadCount(bytes, out int digits, out int count) ? digits + 1 + count : bytes.Length;

    /// <summary>Skips the MSG-LEN of the first frame, if it has one; returns the length of the message that follows.</summary>
    public static int StepOverCount(ref ReadOnlySpan<byte> bytes)
    {
        if (!TryReadCount(bytes, out int digits, out int count)) return bytes.Length;
        bytes = bytes[(digits + 1)..];
        return count;
    }

    /// <summary>Reads <c>MSG-LEN SP</c>. False when there is none, or when it counts more bytes than follow.</summary>
    private static bool TryReadCount(ReadOnlySpan<byte> bytes, out int digits, out int count)
    {
        count = 0;
        digits = Digits.CountLeading(bytes[..Math.Min(bytes.Length, CountDigits + 1)]);
        if (digits is 0 or > CountDigits || digits == bytes.Length || bytes[digits] != ' ') return false;
        foreach (byte digit in bytes[..digits]) count = count * 10 + (digit - '0');
        return count <= bytes.Length - digits - 1;
    }
}
