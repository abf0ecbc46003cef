using System.Text.RegularExpressions;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>Reads objects: a word, parameters in parentheses, and the block of a ruleset or a template.</summary>
/// <param name="blocks">Reads the statements of a ruleset.</param>
/// <param name="lines">Reads the files of an include.</param>
/// <param name="text">The text, at the object.</param>
/// <param name="places">The places in it.</param>
internal sealed partial class ObjectReader(RsyslogReader blocks, LineReader lines, RsyslogText text, StatementPlaces places)
{
    /// <summary>Reads an object; null, without moving, where none begins.</summary>
    public RsyslogStatement? TryRead(int start)
    {
        Match word = ObjectStart().Match(text.All, start);
        if (!word.Success) return null;
        string kind = word.Groups[1].Value.ToLowerInvariant();
        text.At += word.Length;
        int inside = text.At;
        if (!text.SkipParenthesis()) return places.BrokenToEnd(start, "the parenthesis opened here, or a quote in it, is never closed");
        int headerEnd = text.At;
        bool sound = ParameterParser.Parse(text.All[inside..(headerEnd - 1)]).TryGet(out RsyslogParameters? parameters, out string? problem);
        if (kind == "include" && sound && parameters!["file"] is string pattern)
        {
            return lines.Include(start, pattern, parameters["mode"]?.Equals("optional", StringComparison.OrdinalIgnoreCase) == true);
        }
        List<RsyslogStatement> body = [];
        List<(string, RsyslogParameters)> parts = [];
        if (kind is "ruleset" or "template" && text.SkipBlank() && text.Current == '{')
        {
            text.At++;
            bool closed;
            if (kind == "ruleset") body = blocks.ReadScript(isBlock: true, out closed);
            else closed = ReadParts(parts, ref problem);
            headerEnd = kind == "ruleset" ? headerEnd : text.At;
            if (!closed) problem ??= "the block opened here is never closed";
        }
        else
        {
            text.At = headerEnd;
        }
        StatementPlace header = places.Between(start, headerEnd);
        return problem is not null
            ? new RsyslogBroken(header) { Problem = problem, Body = body }
            : new RsyslogObject(header) { Kind = kind, Parameters = parameters!, Body = body, Parts = parts };
    }

    private bool ReadParts(List<(string Kind, RsyslogParameters Parameters)> parts, ref string? problem)
    {
        while (text.SkipBlank() && !text.IsAtEnd)
        {
            if (text.Current == '}')
            {
                text.At++;
                return true;
            }
            Match word = Part().Match(text.All, text.At);
            if (!word.Success)
            {
                string stray = text.TakeWord();
                problem ??= $"{Problem.Quote(stray)} is not part of a template";
                continue;
            }
            text.At += word.Length;
            int inside = text.At;
            if (!text.SkipParenthesis()) break;
            if (ParameterParser.Parse(text.All[inside..(text.At - 1)]).TryGet(out RsyslogParameters? parameters, out string? wrong))
            {
                parts.Add((word.Groups[1].Value.ToLowerInvariant(), parameters));
            }
            else
            {
                problem ??= wrong;
            }
        }
        text.At = text.Length;
        return false;
    }

    [GeneratedRegex(@"\G(action|input|module|global|template|main_queue|ruleset|include|timezone|parser|lookup_table|dyn_stats|percentile_stats|ratelimit)\s*\(", RegexOptions.IgnoreCase)]
    private static partial Regex ObjectStart();

    [GeneratedRegex(@"\G(\w+)\s*\(")]
    private static partial Regex Part();
}
