using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

/// <summary>
/// A HAProxy ring's report of its own loss, <c>353 events dropped</c>; 3.x puts a NUL behind it (docs/reference/haproxy.md, Rings).
/// </summary>
internal static class RingNotice
{
    private const int MostDigits = 18;

    /// <summary>Whether the text is such a report, and how many messages it names.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out long dropped)
    {
        dropped = 0;
        if (text.IsEmpty || !Digits.IsDigit(text[0]) || text.Length > MostDigits + " events dropped\0"u8.Length) return false;
        int digits = Digits.CountLeading(text);
        ReadOnlySpan<byte> words = text[digits..].TrimEnd((byte)0);
        if (digits > MostDigits || !(words.SequenceEqual(" events dropped"u8) || words.SequenceEqual(" event dropped"u8))) return false;
        foreach (byte digit in text[..digits]) dropped = dropped * 10 + (digit - '0');
        return true;
    }
}
