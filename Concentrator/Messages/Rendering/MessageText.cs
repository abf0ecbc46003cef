namespace Concentrator.Messages.Rendering;

/// <summary>What is left off a message's ends when it is shown or sent on.</summary>
internal static class MessageText
{
    /// <summary>Without leading blanks (SP, TAB: Sekoia's template) and trailing LF, CR and NUL.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) =>
        text.Length > 0 && text[0] > ' ' && text[^1] > '\r' ? text : TrimEnd(text.TrimStart(" \t"u8));

    /// <summary>Without trailing LF, CR and NUL.</summary>
    public static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> text) => text.TrimEnd("\n\r\0"u8);
}
