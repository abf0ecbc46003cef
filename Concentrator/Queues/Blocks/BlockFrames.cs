using Concentrator.Bytes;

namespace Concentrator.Queues.Blocks;

/// <summary>
/// Where the messages of a relay's block end: it holds octet-counted frames (<c>MSG-LEN SP MSG</c>). Pure; allocates nothing.
/// </summary>
internal static class BlockFrames
{
    /// <summary>Digits of a count, at most.</summary>
    public const int CountDigits = 9;

    /// <summary>
    /// The bytes of the first whole frames, as many as there are in <paramref name="mostBytes"/> and at most
    /// <paramref name="mostFrames"/>; <paramref name="frames"/> says how many. What is not octet-counted, which no spool of ours
    /// holds, is one frame to the end.
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

    /// <summary>Of the first frame, its count included.</summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes) =>
        TryReadCount(bytes, out int digits, out int count) ? digits + 1 + count : bytes.Length;

    /// <summary>Steps over the first frame's count, where one stands there; returns the bytes of the message behind it.</summary>
    public static int StepOverCount(ref ReadOnlySpan<byte> bytes)
    {
        if (!TryReadCount(bytes, out int digits, out int count)) return bytes.Length;
        bytes = bytes[(digits + 1)..];
        return count;
    }

    /// <summary>Reads <c>MSG-LEN SP</c>. False where none stands there, or more bytes are counted than follow it.</summary>
    private static bool TryReadCount(ReadOnlySpan<byte> bytes, out int digits, out int count)
    {
        count = 0;
        digits = Digits.CountLeading(bytes[..Math.Min(bytes.Length, CountDigits + 1)]);
        if (digits is 0 or > CountDigits || digits == bytes.Length || bytes[digits] != ' ') return false;
        foreach (byte digit in bytes[..digits]) count = count * 10 + (digit - '0');
        return count <= bytes.Length - digits - 1;
    }
}
