using System.Text.RegularExpressions;

namespace Concentrator.Tools.Import;

/// <summary>
/// Parses rsyslog configuration files, legacy and RainerScript, and follows their includes. Malformed text becomes a
/// <see cref="RsyslogBroken"/> with its lines; nothing throws, and no line of a file is left out.
/// </summary>
internal sealed partial class RsyslogReader
{
    private const int MostDepth = 100;

    private readonly IncludedFiles _files;
    private readonly string _file;
    private readonly RsyslogText _text;
    private int _depth;

    private RsyslogReader(IncludedFiles files, string file, string text, int firstLine)
    {
        _files = files;
        _file = file;
        _text = new RsyslogText(text, firstLine);
    }

    /// <param name="files">The files being read.</param>
    /// <param name="file">The file's name in every statement.</param>
    /// <param name="text">Its content, or a part of it.</param>
    /// <param name="firstLine">The line of the file on which the text begins.</param>
    public static IReadOnlyList<RsyslogStatement> Read(IncludedFiles files, string file, string text, int firstLine = 1)
    {
        RsyslogReader reader = new(files, file, text, firstLine);
        return reader.ReadScript(isBlock: false, out _);
    }

    private List<RsyslogStatement> ReadScript(bool isBlock, out bool closed)
    {
        List<RsyslogStatement> statements = [];
        closed = false;
        while (true)
        {
            if (!_text.SkipBlank())
            {
                statements.Add(BrokenToEnd(_text.At, "this block comment is never closed"));
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
                statements.Add(Broken(start, "unmatched closing brace"));
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
        if (_depth >= MostDepth) return BrokenToEnd(start, $"blocks are nested deeper than {MostDepth}");
        _depth++;
        try
        {
            return _text.Current switch
            {
                '$' => ReadDirective(start),
                ':' when PropertyFilter().Match(_text.All, start) is { Success: true } filter => ReadPropertyFilter(start, filter),
                '{' => ReadBareBlock(start),
                '~' => ReadTilde(start),
                '/' or '-' or '|' or '@' or '^' or '?' or '>' or ':' => ReadLegacyAction(start),
                '*' when !_text.StartsWith("*.") && !_text.StartsWith("*,") => ReadLegacyAction(start),
                _ => ReadWord(start),
            };
        }
        finally
        {
            _depth--;
        }
    }

    private RsyslogStatement ReadWord(int start)
    {
        if (_text.IsWord("if")) return ReadIf(start);
        if (_text.IsWord("stop"))
        {
            _text.At += "stop".Length;
            return new RsyslogStop { File = _file, Line = LineOf(start), EndLine = LastLine(start), Text = "stop" };
        }
        Match call = Call().Match(_text.All, start);
        if (call.Success)
        {
            _text.At += call.Length;
            return new RsyslogCall { File = _file, Line = LineOf(start), EndLine = LastLine(start), Text = Shown(start), Ruleset = call.Groups[1].Value };
        }
        Match word = ObjectStart().Match(_text.All, start);
        if (word.Success) return ReadObject(start, word);
        Match variable = Variable().Match(_text.All, start);
        if (variable.Success)
        {
            int end = _text.All.IndexOf(';', start);
            if (end < 0) return BrokenToEnd(start, $"{variable.Groups[1].Value} is not terminated by a semicolon");
            _text.At = end + 1;
            return Broken(start, $"{variable.Groups[1].Value} has no counterpart: there are no message variables");
        }
        if (_text.IsWord("foreach")) return BrokenToEnd(start, "foreach has no counterpart, and the rest cannot be parsed");
        string selector = _text.TakeWord();
        if (RsyslogSelector.Parse(selector).TryGet(out FilterSelector? condition, out string? problem)) return Filtered(start, condition);
        _text.TakeLine();
        return Broken(start, selector.Contains('.', StringComparison.Ordinal) ? problem : "cannot be parsed and was omitted");
    }

    private RsyslogStatement ReadDirective(int start)
    {
        _text.At++;
        string line = _text.TakeLine();
        string[] parts = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string name = parts is [string first, ..] ? first : "";
        string value = parts.Length > 1 ? WithoutComment(parts[1]) : "";
        return name.Equals("IncludeConfig", StringComparison.OrdinalIgnoreCase)
            ? Include(start, value, isOptional: false)
            : new RsyslogDirective { File = _file, Line = LineOf(start), EndLine = LastLine(start), Text = Shown(start), Name = name, Value = value };
    }

    private RsyslogInclude Include(int start, string pattern, bool isOptional)
    {
        (int count, IReadOnlyList<RsyslogStatement> body, string? problem) = _files.Read(pattern, isOptional);
        return new RsyslogInclude
        {
            File = _file,
            Line = LineOf(start),
            EndLine = LastLine(start),
            Text = Shown(start),
            Files = count,
            Problem = problem,
            Body = body,
        };
    }

    private RsyslogStatement ReadPropertyFilter(int start, Match filter)
    {
        _text.At += filter.Length;
        return Filtered(start, FilterComparison.FromPropertyFilter(filter));
    }

    private RsyslogStop ReadTilde(int start)
    {
        _text.At++;
        return new RsyslogStop { File = _file, Line = LineOf(start), EndLine = LastLine(start), Text = "~" };
    }

    private RsyslogStatement ReadLegacyAction(int start)
    {
        if (_text.TakeLine().Contains('\0', StringComparison.Ordinal)) return Broken(start, "it contains a NUL character and was omitted");
        return new RsyslogLegacyAction { File = _file, Line = LineOf(start), EndLine = LastLine(start), Text = WithoutComment(Shown(start)) };
    }

    private RsyslogBroken ReadBareBlock(int start)
    {
        _text.At++;
        List<RsyslogStatement> body = ReadScript(isBlock: true, out _);
        return Broken(start, "this block has no condition", body);
    }

    private RsyslogStatement ReadIf(int start)
    {
        _text.At += "if".Length;
        if (!_text.TryTakeCondition(out string condition)) return BrokenToEnd(start, "this if has no then, or a quote in it is never closed");
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
        if (problem is not null)
        {
            return BrokenHeader(start, headerEnd, problem, [.. then, .. otherwise]);
        }
        return new RsyslogFilter
        {
            File = _file,
            Line = LineOf(start),
            EndLine = LastLine(start, headerEnd),
            Text = _text.OneLine(start, headerEnd),
            Condition = condition,
            Then = then,
            Else = otherwise,
        };
    }

    private List<RsyslogStatement> ReadBody(out string? problem)
    {
        problem = null;
        List<RsyslogStatement> body = [];
        do
        {
            if (!_text.SkipBlank())
            {
                body.Add(BrokenToEnd(_text.At, "this block comment is never closed"));
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

    private RsyslogBroken BrokenToEnd(int start, string problem)
    {
        _text.At = _text.Length;
        int end = _text.All.IndexOf('\n', start);
        return new RsyslogBroken
        {
            File = _file,
            Line = LineOf(start),
            EndLine = LastLine(start),
            Text = _text.OneLine(start, end < 0 ? _text.Length : end),
            Problem = $"{problem}; nothing from here to line {LastLine(start)} was read",
        };
    }

    private RsyslogBroken BrokenHeader(int start, int end, string problem, IReadOnlyList<RsyslogStatement> body) => new()
    {
        File = _file,
        Line = LineOf(start),
        EndLine = LastLine(start, end),
        Text = _text.OneLine(start, end),
        Problem = problem,
        Body = body,
    };

    private RsyslogBroken Broken(int start, string problem, IReadOnlyList<RsyslogStatement>? body = null) => new()
    {
        File = _file,
        Line = LineOf(start),
        EndLine = body is null ? LastLine(start) : LineOf(start),
        Text = body is null ? Shown(start) : "{",
        Problem = problem,
        Body = body ?? [],
    };

    private string Shown(int start) => _text.OneLine(start, _text.At);

    private int LineOf(int start) => _text.LineOf(start);

    private int LastLine(int start) => LastLine(start, _text.At);

    /// <summary>The line of the last character before the end that is not white space.</summary>
    private int LastLine(int start, int end)
    {
        int last = Math.Min(end, _text.Length) - 1;
        while (last > start && char.IsWhiteSpace(_text.All[last])) last--;
        return _text.LineOf(Math.Max(start, last));
    }

    /// <summary>Removes a comment at the end of a legacy line.</summary>
    private static string WithoutComment(string value)
    {
        int comment = value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 || value.StartsWith('"') || value.Contains(",\"", StringComparison.Ordinal) ? value : value[..comment].TrimEnd();
    }

    [GeneratedRegex("""\G:\s*\$?(?<property>[!\w\-.]+)\s*,\s*(?<not>!)?(?<op>[A-Za-z]+)\s*,\s*"(?<value>(?:\\.|[^"\\\n])*)"\s*""")]
    private static partial Regex PropertyFilter();

    [GeneratedRegex(@"\Gcall\s+([\w.\-]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Call();

    [GeneratedRegex(@"\G(set|unset|reset|call_indirect|reload_lookup_table)\s", RegexOptions.IgnoreCase)]
    private static partial Regex Variable();
}
