namespace Concentrator.Messages.Rendering;

/// <summary>Trims a message's text for display and relaying.</summary>
internal static class MessageText
{
    /// <summary>Removes leading blanks (SP, TAB: as Sekoia's template does) and trailing LF, CR and NUL.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) =>
        text.Length > 0 && text[0] > ' ' && text[^1] > '\r' ? text : TrimEnd(text.TrimStart(" \t"u8));

    /// <summary>Removes trailing LF, CR and NUL.</summary>
    public static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> text) => text.TrimEnd("\n\r\0"u8);
}
