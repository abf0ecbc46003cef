using Concentrator.Configuration.Loading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Concentrator.Tools.Import;

/// <summary>A part of a YAML text and its lines, from 1. Immutable once read.</summary>
internal abstract record YamlNode(int Line, int EndLine)
{
    /// <summary>rsyslog's own reader stops at 16 levels; the stream and the document are two more.</summary>
    private const int MostDepth = 20;

    /// <summary>
    /// Reads the only document of the text; null if it is empty. An anchored node counts where it is defined, and aliases are not
    /// followed, so the result is never larger than the text.
    /// </summary>
    /// <exception cref="YamlException">The text is not valid YAML, or has more than one document.</exception>
    public static YamlNode? Read(string text)
    {
        YamlEvents events = new(text, MostDepth);
        events.Advance();
        events.Advance();
        if (events.Current is StreamEnd) return null;
        events.Advance();
        YamlNode node = ReadNode(events);
        events.Advance();
        events.Advance();
        if (events.Current is not StreamEnd) throw new YamlException(events.Current.Start, events.Current.End, "A second document starts here.");
        return node;
    }

    private static YamlNode ReadNode(YamlEvents events)
    {
        int line = events.Line;
        switch (events.Current)
        {
            case Scalar scalar:
                bool isBlock = scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded;
                return new YamlText(scalar.Value, isBlock ? line + 1 : line, LastLine(scalar, line)) { IsNull = IsNull(scalar) };
            case SequenceStart:
                List<YamlNode> items = [];
                for (events.Advance(); events.Current is not SequenceEnd; events.Advance()) items.Add(ReadNode(events));
                return new YamlList(items, line, items.Count == 0 ? line : items[^1].EndLine);
            case MappingStart:
                List<YamlEntry> entries = [];
                for (events.Advance(); events.Current is not MappingEnd; events.Advance())
                {
                    if (events.Current is not Scalar key) throw new YamlException(events.Current.Start, events.Current.End, "A key is not a string.");
                    int keyLine = events.Line;
                    events.Advance();
                    entries.Add(new YamlEntry(key.Value, keyLine, ReadNode(events)));
                }
                return new YamlMap(entries, line, entries.Count == 0 ? line : entries[^1].Value.EndLine);
            default:
                return new YamlAlias(line);
        }
    }

    /// <summary>The last line of a scalar; the event of a block scalar ends at the beginning of the line after it.</summary>
    private static int LastLine(Scalar scalar, int line) => Math.Max(line, (int)scalar.End.Line - (scalar.End.Column <= 1 && scalar.End.Line > line ? 1 : 0));

    private static bool IsNull(Scalar scalar) => scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" };
}

/// <summary>A single value; a block's first line is that of its content.</summary>
internal sealed record YamlText(string Value, int Line, int EndLine) : YamlNode(Line, EndLine)
{
    public bool IsNull { get; init; }
}

internal sealed record YamlList(IReadOnlyList<YamlNode> Items, int Line, int EndLine) : YamlNode(Line, EndLine);

internal sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, int Line, int EndLine) : YamlNode(Line, EndLine)
{
    /// <summary>The first entry with that name, letter case ignored as in rsyslog; null if there is none.</summary>
    public YamlEntry? Find(string key) => Entries.FirstOrDefault(entry => entry.Key.Equals(key, StringComparison.OrdinalIgnoreCase));
}

/// <summary>An alias, which rsyslog does not use.</summary>
internal sealed record YamlAlias(int Line) : YamlNode(Line, Line);

/// <summary>A key and its value.</summary>
/// <param name="Key">As written.</param>
/// <param name="Line">The line of the key.</param>
/// <param name="Value">The value after it.</param>
internal sealed record YamlEntry(string Key, int Line, YamlNode Value);
