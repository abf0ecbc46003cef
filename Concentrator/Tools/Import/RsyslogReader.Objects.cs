using System.Text.RegularExpressions;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <content>Objects: a word, parameters in parentheses, and an optional block.</content>
internal sealed partial class RsyslogReader
{
    private RsyslogStatement ReadObject(int start, Match word)
    {
        string kind = word.Groups[1].Value.ToLowerInvariant();
        _text.At += word.Length;
        int inside = _text.At;
        if (!_text.SkipParenthesis()) return BrokenToEnd(start, "the parenthesis opened here, or a quote in it, is never closed");
        int headerEnd = _text.At;
        bool sound = ParameterParser.Parse(_text.All[inside..(headerEnd - 1)]).TryGet(out RsyslogParameters? parameters, out string? problem);
        if (kind == "include" && sound && parameters!["file"] is string pattern)
        {
            return Include(start, pattern, parameters["mode"]?.Equals("optional", StringComparison.OrdinalIgnoreCase) == true);
        }
        List<RsyslogStatement> body = [];
        List<(string, RsyslogParameters)> parts = [];
        if (kind is "ruleset" or "template" && _text.SkipBlank() && _text.Current == '{')
        {
            _text.At++;
            bool closed;
            if (kind == "ruleset") body = ReadScript(isBlock: true, out closed);
            else closed = ReadParts(parts, ref problem);
            headerEnd = kind == "ruleset" ? headerEnd : _text.At;
            if (!closed) problem ??= "the block opened here is never closed";
        }
        else
        {
            _text.At = headerEnd;
        }
        return problem is not null
            ? BrokenHeader(start, headerEnd, problem, body)
            : new RsyslogObject
            {
                File = _file,
                Line = LineOf(start),
                EndLine = LastLine(start, headerEnd),
                Text = _text.OneLine(start, headerEnd),
                Kind = kind,
                Parameters = parameters!,
                Body = body,
                Parts = parts,
            };
    }

    private bool ReadParts(List<(string Kind, RsyslogParameters Parameters)> parts, ref string? problem)
    {
        while (_text.SkipBlank() && !_text.IsAtEnd)
        {
            if (_text.Current == '}')
            {
                _text.At++;
                return true;
            }
            Match word = Part().Match(_text.All, _text.At);
            if (!word.Success)
            {
                string stray = _text.TakeWord();
                problem ??= $"{Problem.Quote(stray)} is not part of a template";
                continue;
            }
            _text.At += word.Length;
            int inside = _text.At;
            if (!_text.SkipParenthesis()) break;
            if (ParameterParser.Parse(_text.All[inside..(_text.At - 1)]).TryGet(out RsyslogParameters? parameters, out string? wrong))
            {
                parts.Add((word.Groups[1].Value.ToLowerInvariant(), parameters));
            }
            else
            {
                problem ??= wrong;
            }
        }
        _text.At = _text.Length;
        return false;
    }

    [GeneratedRegex(@"\G(action|input|module|global|template|main_queue|ruleset|include|timezone|parser|lookup_table|dyn_stats|percentile_stats|ratelimit)\s*\(", RegexOptions.IgnoreCase)]
    private static partial Regex ObjectStart();

    [GeneratedRegex(@"\G(\w+)\s*\(")]
    private static partial Regex Part();
}
