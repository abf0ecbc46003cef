using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Concentrator.Hosting.Page;

/// <summary>
/// A document under construction. Whatever is interpolated into it is escaped; only the literal parts are markup, so a name or an error
/// message cannot become any. One caller at a time.
/// </summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds the literal parts as they are and the interpolated ones escaped, and ends the line.</summary>
    public void Add([InterpolatedStringHandlerArgument("")] ref Fragment fragment)
    {
        _ = fragment;
        _text.Append('\n');
    }

    /// <summary>Adds a style sheet, a script or markup of the program's own, as it is.</summary>
    public void AddTrusted(string text) => _text.Append(text).Append('\n');

    public override string ToString() => _text.ToString();

    /// <summary>The compiler's way to hand over the parts of an interpolated text.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Fragment
    {
        private readonly StringBuilder _text;

        public Fragment(int literalLength, int formattedCount, Html html)
        {
            _text = html._text;
            _text.EnsureCapacity(_text.Length + literalLength + (formattedCount * 16));
        }

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(text));
    }
}
