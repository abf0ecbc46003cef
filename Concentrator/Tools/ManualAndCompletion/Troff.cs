using System.Globalization;
using System.Text;

namespace Concentrator.Tools.ManualAndCompletion;

/// <summary>Text for troff's man macros: ASCII, escaped so that none of it is read as a request or an escape.</summary>
internal static class Troff
{
    public static string Bold(string text) => $"\\fB{Escape(text)}\\fR";

    public static string Italic(string text) => $"\\fI{Escape(text)}\\fR";

    /// <summary>A line of running text.</summary>
    public static string Line(string text) => text.StartsWith('.') || text.StartsWith('\'') ? $"\\&{Escape(text)}" : Escape(text);

    /// <summary>Writes a hyphen as a minus, so that options can be copied, and non-ASCII characters by number.</summary>
    private static string Escape(string text)
    {
        StringBuilder escaped = new(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            string? name = rune.Value switch
            {
                '\\' => "\\e",
                '-' => "\\-",
                '`' => "\\(ga",
                '^' => "\\(ha",
                '~' => "\\(ti",
                _ => null,
            };
            if (name is not null) escaped.Append(name);
            else if (rune.IsAscii) escaped.Append((char)rune.Value);
            else escaped.Append(CultureInfo.InvariantCulture, $"\\[u{rune.Value:X4}]");
        }
        return escaped.ToString();
    }
}
