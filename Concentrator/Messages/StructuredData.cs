using System.Buffers;

namespace Concentrator.Messages;

// STRUCTURED-DATA (RFC 5424 section 6.3)
//
//   1*( "[" SD-NAME *( SP SD-NAME "=" %d34 PARAM-VALUE %d34 ) "]" )       then SP or the end of the frame
//
// In a PARAM-VALUE the bytes " \ ] appear only after a \; before any other byte a \ is literal. Every other byte may
// occur, including LF and broken UTF-8 (HAProxy copies request bytes). Duplicate SD-IDs are not checked: a repetition
// that is passed on unchanged misleads no reader.

/// <summary>The grammar of structured data: finds its end and whether it is valid.</summary>
internal static class StructuredData
{
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create(
        [.. Enumerable.Range(33, 94).Select(static b => (byte)b).Where(static b => b is not ((byte)'=' or (byte)']' or (byte)'"'))]);

    private static readonly SearchValues<byte> ValueStops = SearchValues.Create("\"\\]"u8);

    /// <summary>Why a scan failed.</summary>
    public enum Fault : byte
    {
        None,

        /// <summary>A byte that the grammar does not allow at its position.</summary>
        Syntax,

        /// <summary>The frame ended inside an element.</summary>
        Cut,
    }

    /// <summary>Scans the elements at the start of <paramref name="text"/>, which is not empty and not the NILVALUE.</summary>
    /// <param name="text">The frame from the structured data on.</param>
    /// <param name="length">On success, the length of the elements; a blank or the end of the frame follows.</param>
    /// <param name="hasLongName">Whether a name has more than <see cref="HeaderLimits.SdName"/> bytes.</param>
    public static Fault Scan(ReadOnlySpan<byte> text, out int length, out bool hasLongName)
    {
        length = 0;
        hasLongName = false;
        if (text[0] != '[')
            return Fault.Syntax;
        do
        {
            Fault fault = ScanElement(text, ref length, ref hasLongName);
            if (fault != Fault.None)
                return fault;
        }
        while (length < text.Length && text[length] == '[');
        return length == text.Length || text[length] == ' ' ? Fault.None : Fault.Syntax;
    }

    private static Fault ScanElement(ReadOnlySpan<byte> text, ref int position, ref bool hasLongName)
    {
        position++;
        Fault fault = ScanName(text, ref position, ref hasLongName);
        while (fault == Fault.None)
        {
            byte next = text[position++];
            if (next == ']')
                return Fault.None;
            if (next != ' ')
                return Fault.Syntax;
            fault = ScanName(text, ref position, ref hasLongName);
            if (fault == Fault.None)
                fault = ScanValue(text, ref position);
        }
        return fault;
    }

    // On success there is a byte at the position.
    private static Fault ScanName(ReadOnlySpan<byte> text, ref int position, ref bool hasLongName)
    {
        ReadOnlySpan<byte> rest = text[position..];
        int length = rest.IndexOfAnyExcept(NameBytes);
        if (length < 0)
            return Fault.Cut;
        if (length == 0)
            return Fault.Syntax;
        hasLongName |= length > HeaderLimits.SdName;
        position += length;
        return Fault.None;
    }

    // Scans from the = through the closing quote. On success there is a byte at the position.
    private static Fault ScanValue(ReadOnlySpan<byte> text, ref int position)
    {
        if (text[position] != '=')
            return Fault.Syntax;
        if (++position == text.Length)
            return Fault.Cut;
        if (text[position++] != '"')
            return Fault.Syntax;
        while (true)
        {
            int stop = text[position..].IndexOfAny(ValueStops);
            if (stop < 0)
                return Fault.Cut;
            position += stop;
            if (text[position] == ']')
                return Fault.Syntax;
            if (text[position++] == '"')
                return position < text.Length ? Fault.None : Fault.Cut;
            // After a backslash: an escaped byte is skipped, any other is scanned as if the backslash were absent.
            if (position < text.Length && ValueStops.Contains(text[position]))
                position++;
        }
    }
}
