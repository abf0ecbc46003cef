using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Concentrator.Configuration.Loading;

/// <summary>The events of a YAML text, one at a time and to a bounded depth. Memory grows only with the nesting.</summary>
/// <param name="text">The whole text.</param>
/// <param name="mostDepth">The most levels allowed, the stream and the document included.</param>
internal sealed class YamlEvents(string text, int mostDepth)
{
    private readonly Parser _parser = new(new StringReader(text));
    private int _depth;

    /// <summary>The current event; must not be read before the first <see cref="Advance"/>.</summary>
    public ParsingEvent Current => _parser.Current!;

    /// <summary>The line on which the current event begins, from 1.</summary>
    public int Line => (int)Current.Start.Line;

    /// <summary>
    /// Moves to the next event. On some texts YamlDotNet 18.1 throws because of its own state or ends without the end of the stream (an
    /// entry with an empty key, <c>- : x</c>, followed by a line); these are reported as bad YAML too.
    /// </summary>
    /// <exception cref="YamlException">There is no next event, or it is nested too deep.</exception>
    public void Advance()
    {
        Mark place = _parser.Current?.End ?? Mark.Empty;
        bool found;
        try
        {
            found = _parser.MoveNext() && _parser.Current is not null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or NullReferenceException)
        {
            throw new YamlException(place, place, "The structure is not valid here.", e);
        }
        if (!found) throw new YamlException(place, place, "The structure is not valid here.");
        _depth += Current.NestingIncrease;
        if (_depth > mostDepth) throw new YamlException(Current.Start, Current.End, $"It is nested deeper than {mostDepth} levels.");
    }

    /// <summary>Skips from the first event of a node to its last.</summary>
    public void SkipNode()
    {
        int depth = 0;
        while (true)
        {
            depth += Current.NestingIncrease;
            if (depth <= 0) return;
            Advance();
        }
    }
}
