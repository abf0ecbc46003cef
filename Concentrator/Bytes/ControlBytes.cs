using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Concentrator.Bytes;

/// <summary>Finds, replaces and escapes the control bytes that are not allowed in a header or a line of text.</summary>
internal static class ControlBytes
{
    private const byte LastControl = 31;
    private const byte Delete = 127;
    private const int EscapeLength = 4; // #012

    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, LastControl + 1).Append(Delete).Select(static b => (byte)b)]);

    private static readonly SearchValues<byte> ControlsAndBlank =
        SearchValues.Create([.. Enumerable.Range(0, LastControl + 2).Append(Delete).Select(static b => (byte)b)]);

    /// <summary>The index of the first byte of 0 to 31 or 127; -1 if there is none.</summary>
    public static int IndexIn(ReadOnlySpan<byte> text) => text.IndexOfAny(Controls);

    /// <summary>Whether a text has no byte of 0 to 31 or 127. Takes half the time of <see cref="IndexIn"/> if there is none.</summary>
    public static bool AreNotIn(ReadOnlySpan<byte> text)
    {
        if (text.Length < Vector256<byte>.Count) return IndexIn(text) < 0;
        ref byte start = ref MemoryMarshal.GetReference(text);
        int last = text.Length - Vector256<byte>.Count;
        Vector256<byte> found = ControlsOf(ref start, last);
        for (int at = 0; at < last; at += Vector256<byte>.Count) found |= ControlsOf(ref start, at);
        return found == Vector256<byte>.Zero;
    }

    // The caller has checked that a whole vector of bytes follows the offset.
    private static Vector256<byte> ControlsOf(ref byte start, int offset)
    {
        // The smaller of two unsigned bytes is one instruction in every processor; a comparison of them is not.
        Vector256<byte> bytes = Vector256.LoadUnsafe(ref start, (nuint)offset);
        return Vector256.Equals(Vector256.Min(bytes, Vector256.Create(LastControl)), bytes) | Vector256.Equals(bytes, Vector256.Create(Delete));
    }

    /// <summary>Replaces 0 to 32 and 127 with <c>_</c>, so that the bytes form one word.</summary>
    public static void ReplaceIn(Span<byte> word)
    {
        for (int next = word.IndexOfAny(ControlsAndBlank); next >= 0; next = word.IndexOfAny(ControlsAndBlank))
        {
            word[next] = (byte)'_';
            word = word[(next + 1)..];
        }
    }

    /// <summary>The length of <paramref name="text"/> as <see cref="AddEscaped"/> writes it.</summary>
    /// <param name="text">The text to write.</param>
    /// <param name="isPlain">Whether it is known to contain no control byte.</param>
    public static int MeasureEscaped(ReadOnlySpan<byte> text, bool isPlain = false)
    {
        int first = isPlain ? -1 : IndexIn(text);
        if (first < 0)
            return text.Length;
        int count = 0;
        foreach (byte value in text[first..])
            count += value is <= LastControl or Delete ? 1 : 0;
        return text.Length + count * (EscapeLength - 1);
    }

    /// <summary>
    /// Writes 0 to 31 and 127 as <c>#</c> and three octal digits, including TAB; <c>#</c> itself is not escaped. rsyslog 8.2302 does the
    /// same in Debian's configuration, except that it leaves 127 alone. As in rsyslog, 128 to 255 are unchanged because they are the bytes
    /// of UTF-8, so C1 controls (U+0080 to U+009F, or the single bytes) are written as received. A terminal that accepts 8-bit controls
    /// obeys them.
    /// </summary>
    /// <param name="writer">With room for the length from <see cref="MeasureEscaped"/>.</param>
    /// <param name="text">The text to write.</param>
    /// <param name="isPlain">Whether it is known to contain no control byte.</param>
    public static void AddEscaped(ref SpanWriter writer, scoped ReadOnlySpan<byte> text, bool isPlain = false)
    {
        for (int next = isPlain ? -1 : IndexIn(text); next >= 0; next = IndexIn(text))
        {
            writer.Add(text[..next]);
            byte value = text[next];
            Span<byte> escape = writer.Take(EscapeLength);
            escape[0] = (byte)'#';
            escape[1] = (byte)('0' + (value >> 6));
            escape[2] = (byte)('0' + (value >> 3 & 7));
            escape[3] = (byte)('0' + (value & 7));
            text = text[(next + 1)..];
        }
        writer.Add(text);
    }
}
