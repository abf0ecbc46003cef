namespace Concentrator.Tools.Top;

/// <summary>One line of the screen: text without control characters, and how it is to be shown.</summary>
internal readonly record struct ScreenLine(string Text, Emphasis Emphasis = Emphasis.None);

/// <summary>How a terminal shows a line; plain text ignores it.</summary>
internal enum Emphasis
{
    None,

    /// <summary>A table's head, or something of less interest.</summary>
    Faint,

    /// <summary>The server is well.</summary>
    Good,

    /// <summary>Something waits or was lost earlier.</summary>
    Warning,

    /// <summary>Something is wrong now.</summary>
    Bad,
}
