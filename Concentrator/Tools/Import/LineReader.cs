using System.Text.RegularExpressions;

namespace Concentrator.Tools.Import;

/// <summary>Reads the statements that hold no others: legacy lines, includes, and the words of RainerScript without a block.</summary>
/// <param name="files">The files being read.</param>
/// <param name="text">The text, at the statement.</param>
/// <param name="places">The places in it.</param>
internal sealed partial class LineReader(IncludedFiles files, RsyslogText text, StatementPlaces places)
{
    /// <summary>Reads <c>stop</c>, <c>call</c> or a statement about variables; null, without moving, for anything else.</summary>
    public RsyslogStatement? TryWord(int start)
    {
        if (text.IsWord("stop"))
        {
            text.At += "stop".Length;
            return new RsyslogStop(places.From(start) with { Text = "stop" });
        }
        Match call = Call().Match(text.All, start);
        if (call.Success)
        {
            text.At += call.Length;
            return new RsyslogCall(places.From(start)) { Ruleset = call.Groups[1].Value };
        }
        Match variable = Variable().Match(text.All, start);
        if (variable.Success)
        {
            int end = text.All.IndexOf(';', start);
            if (end < 0) return places.BrokenToEnd(start, $"{variable.Groups[1].Value} is not terminated by a semicolon");
            text.At = end + 1;
            return places.Broken(start, $"{variable.Groups[1].Value} has no counterpart: there are no message variables");
        }
        return text.IsWord("foreach") ? places.BrokenToEnd(start, "foreach has no counterpart, and the rest cannot be parsed") : null;
    }

    /// <summary>Reads a line that begins with a dollar.</summary>
    public RsyslogStatement ReadDirective(int start)
    {
        text.At++;
        string line = text.TakeLine();
        string[] parts = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string name = parts is [string first, ..] ? first : "";
        string value = parts.Length > 1 ? WithoutComment(parts[1]) : "";
        return name.Equals("IncludeConfig", StringComparison.OrdinalIgnoreCase)
            ? Include(start, value, isOptional: false)
            : new RsyslogDirective(places.From(start)) { Name = name, Value = value };
    }

    /// <summary>Reads the files of an include whose statement ends at the text's position.</summary>
    public RsyslogInclude Include(int start, string pattern, bool isOptional)
    {
        (int count, IReadOnlyList<RsyslogStatement> body, string? problem) = files.Read(pattern, isOptional);
        return new RsyslogInclude(places.From(start)) { Files = count, Problem = problem, Body = body };
    }

    /// <summary>Reads <c>~</c>.</summary>
    public RsyslogStop ReadTilde(int start)
    {
        text.At++;
        return new RsyslogStop(places.From(start));
    }

    public RsyslogStatement ReadLegacyAction(int start)
    {
        if (text.TakeLine().Contains('\0', StringComparison.Ordinal)) return places.Broken(start, "it contains a NUL character and was omitted");
        StatementPlace place = places.From(start);
        return new RsyslogLegacyAction(place with { Text = WithoutComment(place.Text) });
    }

    /// <summary>Removes a comment at the end of a legacy line.</summary>
    private static string WithoutComment(string value)
    {
        int comment = value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 || value.StartsWith('"') || value.Contains(",\"", StringComparison.Ordinal) ? value : value[..comment].TrimEnd();
    }

    [GeneratedRegex(@"\Gcall\s+([\w.\-]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Call();

    [GeneratedRegex(@"\G(set|unset|reset|call_indirect|reload_lookup_table)\s", RegexOptions.IgnoreCase)]
    private static partial Regex Variable();
}
