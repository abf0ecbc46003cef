using System.Buffers;
using System.Text;
using Concentrator.Bytes;

namespace Concentrator.Messages.Rendering;

/// <summary>
/// Writes a sender's bytes as the content of a JSON string (RFC 8259 section 7): quotes, backslashes and control characters are
/// escaped, and invalid UTF-8 becomes U+FFFD, so that every line is valid. Allocates nothing.
/// </summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range(0, 0x80).Select(static b => (byte)b).Where(static b => LengthOf(b) == 1)]);

    private static ReadOnlySpan<byte> Replacement => "\uFFFD"u8;

    /// <summary>The number of bytes that <see cref="Add"/> writes.</summary>
    public static int Measure(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (!text.IsEmpty)
        {
            int read = 1;
            length += text[0] < 0x80 ? LengthOf(text[0]) : Decode(text, out read) ? read : Replacement.Length;
            text = text[read..];
        }
        return length;
    }

    public static void Add(ref SpanWriter writer, scoped ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            byte first = text[0];
            int read = 1;
            if (first >= 0x80) writer.Add(Decode(text, out read) ? text[..read] : Replacement);
            else if (LengthOf(first) > 1) AddEscaped(ref writer, first);
            else writer.Add(text[..(read = PlainIn(text))]);
            text = text[read..];
        }
    }

    private static int PlainIn(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(Plain) is >= 0 and int end ? end : text.Length;

    private static int LengthOf(byte b) => b switch
    {
        (byte)'"' or (byte)'\\' or (byte)'\n' or (byte)'\r' or (byte)'\t' => 2,
        < 0x20 or 0x7f => 6,
        _ => 1,
    };

    private static void AddEscaped(ref SpanWriter writer, byte b)
    {
        writer.Add((byte)'\\');
        if (LengthOf(b) == 2)
        {
            writer.Add(b switch { (byte)'\n' => (byte)'n', (byte)'\r' => (byte)'r', (byte)'\t' => (byte)'t', _ => b });
            return;
        }
        writer.Add("u00"u8);
        writer.Add(Digit(b >> 4));
        writer.Add(Digit(b & 15));
    }

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    private static bool Decode(ReadOnlySpan<byte> text, out int read) =>
        Rune.DecodeFromUtf8(text, out _, out read) == OperationStatus.Done;
}
