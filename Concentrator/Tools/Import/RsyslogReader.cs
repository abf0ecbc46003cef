using System.Text.RegularExpressions;

namespace Concentrator.Tools.Import;

/// <summary>
/// Parses rsyslog configuration files, legacy and RainerScript, and follows their includes. Malformed text becomes a
/// <see cref="RsyslogBroken"/> with its lines; nothing throws, and no line of a file is left out.
/// </summary>
internal sealed partial class RsyslogReader
{
    private const int MostDepth = 100;

    private readonly RsyslogText _text;
    private readonly StatementPlaces _places;
    private readonly LineReader _lines;
    private readonly ObjectReader _objects;
    private int _depth;

    private RsyslogReader(IncludedFiles files, string file, string text, int firstLine)
    {
        _text = new RsyslogText(text, firstLine);
        _places = new StatementPlaces(file, _text);
        _lines = new LineReader(files, _text, _places);
        _objects = new ObjectReader(this, _lines, _text, _places);
    }

    /// <param name="files">The files being read.</param>
    /// <param name="file">The file's name in every statement.</param>
    /// <param name="text">Its content, or a part of it.</param>
    /// <param name="firstLine">The line of the file on which the text begins.</param>
    public static IReadOnlyList<RsyslogStatement> Read(IncludedFiles files, string file, string text, int firstLine = 1) =>
        new RsyslogReader(files, file, text, firstLine).ReadScript(isBlock: false, out _);

    /// <summary>Reads statements to the end of the text or of the block.</summary>
    /// <param name="isBlock">Whether a brace before them was opened.</param>
    /// <param name="closed">Whether its closing brace was found; the position is then after it.</param>
    public List<RsyslogStatement> ReadScript(bool isBlock, out bool closed)
    {
        List<RsyslogStatement> statements = [];
        closed = false;
        while (true)
        {
            if (!_text.SkipBlank())
            {
                statements.Add(_places.BrokenToEnd(_text.At, "this block comment is never closed"));
                return statements;
            }
            if (_text.IsAtEnd) return statements;
            int start = _text.At;
            if (_text.Current == '}')
            {
                _text.At++;
                if (isBlock)
                {
                    closed = true;
                    return statements;
                }
                statements.Add(_places.Broken(start, "unmatched closing brace"));
            }
            else if (_text.Current == '&' && statements.Count > 0)
            {
                // One more action under the same condition, which here is that of the whole list.
                _text.At++;
            }
            else
            {
                statements.Add(ReadStatement());
            }
        }
    }

    private RsyslogStatement ReadStatement()
    {
        int start = _text.At;
        if (_depth >= MostDepth) return _places.BrokenToEnd(start, $"blocks are nested deeper than {MostDepth}");
        _depth++;
        try
        {
            return _text.Current switch
            {
                '$' => _lines.ReadDirective(start),
                ':' when PropertyFilter().Match(_text.All, start) is { Success: true } filter => ReadPropertyFilter(start, filter),
                '{' => ReadBareBlock(start),
                '~' => _lines.ReadTilde(start),
                '/' or '-' or '|' or '@' or '^' or '?' or '>' or ':' => _lines.ReadLegacyAction(start),
                '*' when !_text.StartsWith("*.") && !_text.StartsWith("*,") => _lines.ReadLegacyAction(start),
                _ => ReadWord(start),
            };
        }
        finally
        {
            _depth--;
        }
    }

    private RsyslogStatement ReadWord(int start) =>
        _text.IsWord("if") ? ReadIf(start) : _lines.TryWord(start) ?? _objects.TryRead(start) ?? ReadSelector(start);

    private RsyslogStatement ReadSelector(int start)
    {
        string selector = _text.TakeWord();
        if (RsyslogSelector.Parse(selector).TryGet(out FilterSelector? condition, out string? problem)) return Filtered(start, condition);
        _text.TakeLine();
        return _places.Broken(start, selector.Contains('.', StringComparison.Ordinal) ? problem : "cannot be parsed and was omitted");
    }

    private RsyslogStatement ReadPropertyFilter(int start, Match filter)
    {
        _text.At += filter.Length;
        return Filtered(start, FilterComparison.FromPropertyFilter(filter));
    }

    private RsyslogBroken ReadBareBlock(int start)
    {
        _text.At++;
        List<RsyslogStatement> body = ReadScript(isBlock: true, out _);
        return new RsyslogBroken(_places.Between(start, start + 1)) { Problem = "this block has no condition", Body = body };
    }

    private RsyslogStatement ReadIf(int start)
    {
        _text.At += "if".Length;
        if (!_text.TryTakeCondition(out string condition)) return _places.BrokenToEnd(start, "this if has no then, or a quote in it is never closed");
        return Filtered(start, FilterParser.Parse(condition).TryGet(out FilterExpression? parsed, out string? problem) ? parsed : new FilterUnknown(problem));
    }

    /// <summary>Reads what follows a condition: a block or one statement, further ones with ampersands, and the else of an if.</summary>
    private RsyslogStatement Filtered(int start, FilterExpression condition)
    {
        int headerEnd = _text.At;
        List<RsyslogStatement> then = ReadBody(out string? problem);
        List<RsyslogStatement> otherwise = [];
        int end = _text.At;
        if (problem is null && _text.SkipBlank() && _text.IsWord("else"))
        {
            _text.At += "else".Length;
            otherwise = ReadBody(out problem);
            end = _text.At;
        }
        _text.At = end;
        StatementPlace header = _places.Between(start, headerEnd);
        return problem is not null
            ? new RsyslogBroken(header) { Problem = problem, Body = [.. then, .. otherwise] }
            : new RsyslogFilter(header) { Condition = condition, Then = then, Else = otherwise };
    }

    private List<RsyslogStatement> ReadBody(out string? problem)
    {
        problem = null;
        List<RsyslogStatement> body = [];
        do
        {
            if (!_text.SkipBlank())
            {
                body.Add(_places.BrokenToEnd(_text.At, "this block comment is never closed"));
                return body;
            }
            if (_text.IsAtEnd || _text.Current == '}')
            {
                problem = "the condition is not followed by a statement";
                return body;
            }
            if (_text.Current != '{')
            {
                body.Add(ReadStatement());
                continue;
            }
            _text.At++;
            body.AddRange(ReadScript(isBlock: true, out bool closed));
            if (!closed)
            {
                problem = "the block opened here is never closed";
                return body;
            }
        }
        while (TakeAmpersand());
        return body;
    }

    private bool TakeAmpersand()
    {
        int before = _text.At;
        if (_text.SkipBlank() && _text.Current == '&')
        {
            _text.At++;
            return true;
        }
        _text.At = before;
        return false;
    }

    [GeneratedRegex("""\G:\s*\$?(?<property>[!\w\-.]+)\s*,\s*(?<not>!)?(?<op>[A-Za-z]+)\s*,\s*"(?<value>(?:\\.|[^"\\\n])*)"\s*""")]
    private static partial Regex PropertyFilter();
}
