using System.Buffers;
using Concentrator.Bytes;

namespace Concentrator.Messages.FrameScanning;

/// <summary>Whether a message begins at a position: <c>&lt;</c>, one to three digits, <c>&gt;</c> (RFC 5424 section 6.2.1).</summary>
internal enum PriMark : byte
{
    No,
    Yes,

    /// <summary>Too few bytes have arrived to tell.</summary>
    Open,
}

/// <summary>Finds <see cref="PriMark"/>s.</summary>
internal static class PriMarks
{
    /// <summary>The most bytes that are examined: <c>&lt;191&gt;</c>.</summary>
    public const int Length = 5;

    /// <param name="at">A position up to the buffer's length.</param>
    public static PriMark At(in ReadOnlySequence<byte> buffer, long at)
    {
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (at + Length <= first.Length) return Of(first.Slice((int)at, Length));
        Span<byte> copy = stackalloc byte[Length];
        int count = (int)Math.Min(Length, buffer.Length - at);
        buffer.Slice(at, count).CopyTo(copy);
        return Of(copy[..count]);
    }

    /// <summary>Whether a message seems to contain the start of another: a PRI and a letter or digit. A guess, for a log hint.</summary>
    public static bool AreWithin(ReadOnlySpan<byte> message)
    {
        for (int at = 1; at < message.Length; at++)
        {
            int next = message[at..].IndexOf((byte)'<');
            if (next < 0) return false;
            at += next;
            ReadOnlySpan<byte> rest = message[at..];
            if (Of(rest[..Math.Min(Length, rest.Length)]) != PriMark.Yes) continue;
            int end = rest.IndexOf((byte)'>') + 1;
            if (end < rest.Length && char.IsAsciiLetterOrDigit((char)rest[end])) return true;
        }
        return false;
    }

    private static PriMark Of(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return PriMark.Open;
        if (text[0] != '<') return PriMark.No;
        int digits = 1;
        while (digits < text.Length && digits < 4 && Digits.IsDigit(text[digits])) digits++;
        if (digits == text.Length) return PriMark.Open;
        return digits > 1 && text[digits] == '>' ? PriMark.Yes : PriMark.No;
    }
}
