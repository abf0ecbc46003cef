using YamlDotNet.Core;

namespace Concentrator.Tools.Import;

/// <summary>
/// Parses rsyslog configuration in YAML (rsyslog 8.2602 and later, file names that end in <c>.yaml</c> or <c>.yml</c>) into
/// the statements that RainerScript would give. Malformed parts become a <see cref="RsyslogBroken"/> with their lines;
/// nothing throws, and nothing in the file is left out.
/// </summary>
internal sealed class RsyslogYamlReader
{
    /// <summary>Lists of objects: the key at the top of the file, and the kind of object of each entry.</summary>
    private static readonly Dictionary<string, string> Lists = new(StringComparer.OrdinalIgnoreCase)
    {
        ["modules"] = "module",
        ["inputs"] = "input",
        ["templates"] = "template",
        ["rulesets"] = "ruleset",
        ["parser"] = "parser",
        ["parsers"] = "parser",
        ["lookup_table"] = "lookup_table",
        ["lookup_tables"] = "lookup_table",
        ["dyn_stats"] = "dyn_stats",
        ["percentile_stats"] = "percentile_stats",
        ["timezone"] = "timezone",
        ["timezones"] = "timezone",
        ["ratelimit"] = "ratelimit",
        ["ratelimits"] = "ratelimit",
    };

    private readonly IncludedFiles _files;
    private readonly string _file;
    private readonly string[] _lines;

    private RsyslogYamlReader(IncludedFiles files, string file, string text)
    {
        _files = files;
        _file = file;
        _lines = text.Split('\n');
    }

    /// <summary>Whether rsyslog reads a file of that name as YAML.</summary>
    public static bool Reads(string file) =>
        file.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    /// <param name="files">The files being read.</param>
    /// <param name="file">The file's name in every statement.</param>
    /// <param name="text">Its content.</param>
    public static IReadOnlyList<RsyslogStatement> Read(IncludedFiles files, string file, string text)
    {
        RsyslogYamlReader reader = new(files, file, text);
        try
        {
            return YamlNode.Read(text) switch
            {
                null => [],
                YamlMap root => [.. root.Entries.SelectMany(reader.ReadTop)],
                { } other => [reader.Broken(other, "the file is not a mapping with keys such as inputs and rulesets")],
            };
        }
        catch (YamlException e)
        {
            // The library's messages describe the place and quote none of the text there.
            int line = Math.Clamp((int)e.Start.Line, 1, reader._lines.Length);
            return [reader.Broken(line, line, $"the file is not valid YAML and was not read: {e.Message}")];
        }
    }

    private IEnumerable<RsyslogStatement> ReadTop(YamlEntry entry)
    {
        string key = entry.Key.ToLowerInvariant();
        if (entry.Value is YamlText { IsNull: true }) return [];
        if (key == "version") return [Object("version", entry.Line, entry.Value.EndLine, new RsyslogParameters())];
        if (key is "global" or "mainqueue") return [ReadObject(key == "global" ? key : "main_queue", entry.Value)];
        if (key == "include" && entry.Value is YamlList includes) return includes.Items.Select(ReadInclude);
        return !Lists.TryGetValue(key, out string? kind) ? [Broken(entry.Line, entry.Value.EndLine, $"{entry.Key} is not known to rsyslog, which ignores it")]
            : entry.Value is YamlList list ? list.Items.Select(item => ReadObject(kind, item))
            : [Broken(entry.Value, $"{entry.Key} is not a list")];
    }

    private RsyslogStatement ReadObject(string kind, YamlNode node)
    {
        if (node is not YamlMap map) return Broken(node, $"this entry is not a mapping of a {kind}'s parameters");
        RsyslogParameters parameters = new();
        List<RsyslogStatement>? body = null;
        foreach (YamlEntry entry in map.Entries)
        {
            if (kind == "ruleset" && entry.Key.ToLowerInvariant() is "script" or "statements")
            {
                if (body is not null) return Broken(map, "a ruleset needs either a script or statements, once");
                body = [.. entry.Value is YamlText script ? RsyslogReader.Read(_files, _file, script.Value, script.Line) : ReadStatements(entry.Value)];
            }
            else if (Values(entry.Value) is not { } values)
            {
                return Broken(map, $"the value of {entry.Key} is neither text nor a list of texts");
            }
            else if (!parameters.TryAdd(entry.Key, values))
            {
                return Broken(map, $"{entry.Key} is given twice");
            }
        }
        // The statements inside have their own lines; the ruleset has only the lines before them.
        int end = body is { Count: > 0 } ? Math.Max(map.Line, map.Entries.First(static e => e.Key.ToLowerInvariant() is "script" or "statements").Line) : map.EndLine;
        return Object(kind, map.Line, end, parameters, body ?? []);
    }

    private RsyslogStatement ReadInclude(YamlNode node)
    {
        if (node is not YamlMap map || map.Find("path")?.Value is not YamlText { Value: var pattern }) return Broken(node, "this include has no path");
        bool optional = map.Find("optional")?.Value is YamlText { Value: var word } && RsyslogParameters.SaysOn(word);
        (int count, IReadOnlyList<RsyslogStatement> body, string? problem) = _files.Read(pattern, optional);
        return new RsyslogInclude { File = _file, Line = map.Line, EndLine = map.EndLine, Text = Shown(map.Line, map.EndLine), Files = count, Problem = problem, Body = body };
    }

    private List<RsyslogStatement> ReadStatements(YamlNode node) => node switch
    {
        YamlList list => [.. list.Items.Select(ReadStatement)],
        YamlText { IsNull: true } => [],
        _ => [ReadStatement(node)],
    };

    private RsyslogStatement ReadStatement(YamlNode node)
    {
        if (node is YamlText { Value: "stop" }) return Stop(node);
        if (node is not YamlMap { Entries: [YamlEntry first, ..] } map) return Broken(node, "this is not a statement");
        if (map.Find("if") is YamlEntry condition) return ReadIf(map, condition);
        switch (first.Key.ToLowerInvariant())
        {
            case "stop" when map.Entries.Count == 1:
                return first.Value is YamlText { Value: var word } && RsyslogParameters.SaysOn(word) ? Stop(map) : Broken(map, "stop must be true");
            case "call" when map.Entries.Count == 1 && first.Value is YamlText ruleset:
                return new RsyslogCall { File = _file, Line = map.Line, EndLine = map.EndLine, Text = Shown(map.Line, map.EndLine), Ruleset = ruleset.Value };
            case "action" when map.Entries.Count == 1:
                return ReadObject("action", first.Value);
            case "set" or "unset" or "reset":
                return Broken(map, $"{first.Key} has no counterpart: there are no message variables");
            default:
                return map.Find("type") is null ? Broken(map, $"{first.Key} cannot be parsed and was omitted") : ReadObject("action", map);
        }
    }

    private RsyslogStatement ReadIf(YamlMap map, YamlEntry condition)
    {
        List<RsyslogStatement> then = [];
        List<RsyslogStatement> otherwise = [];
        foreach (YamlEntry entry in map.Entries)
        {
            switch (entry.Key.ToLowerInvariant())
            {
                case "if":
                    break;
                case "then" or "action" or "actions":
                    then.AddRange(entry.Key.Equals("action", StringComparison.OrdinalIgnoreCase) ? [ReadObject("action", entry.Value)] : ReadStatements(entry.Value));
                    break;
                case "else":
                    otherwise.AddRange(ReadStatements(entry.Value));
                    break;
                case "stop" when entry.Value is YamlText { Value: var word } && RsyslogParameters.SaysOn(word):
                    then.Add(Stop(entry.Value));
                    break;
                default:
                    return Broken(map, $"{entry.Key} is not allowed beside an if");
            }
        }
        if (condition.Value is not YamlText text) return Broken(map, "the condition is not a string");
        if (then.Count + otherwise.Count == 0) return Broken(map, "the condition is not followed by a statement");
        int end = Math.Max(condition.Line, condition.Value.EndLine);
        return new RsyslogFilter
        {
            File = _file,
            Line = map.Line,
            EndLine = end,
            Text = Shown(map.Line, end),
            Condition = FilterParser.Parse(text.Value).TryGet(out FilterExpression? parsed, out string? problem) ? parsed : new FilterUnknown(problem),
            Then = then,
            Else = otherwise,
        };
    }

    /// <summary>One text or several; null for anything else.</summary>
    private static IReadOnlyList<string>? Values(YamlNode node) => node switch
    {
        YamlText text => [text.Value],
        YamlList list when list.Items.All(static item => item is YamlText) => [.. list.Items.Select(static item => ((YamlText)item).Value)],
        _ => null,
    };

    private RsyslogObject Object(string kind, int line, int endLine, RsyslogParameters parameters, IReadOnlyList<RsyslogStatement>? body = null) => new()
    {
        File = _file,
        Line = line,
        EndLine = endLine,
        Text = Shown(line, endLine),
        Kind = kind,
        Parameters = parameters,
        Body = body ?? [],
    };

    private RsyslogStop Stop(YamlNode node) => new() { File = _file, Line = node.Line, EndLine = node.EndLine, Text = "stop" };

    private RsyslogBroken Broken(YamlNode node, string problem) => Broken(node.Line, node.EndLine, problem);

    private RsyslogBroken Broken(int line, int endLine, string problem) =>
        new() { File = _file, Line = line, EndLine = endLine, Text = Shown(line, endLine), Problem = problem };

    /// <summary>The text of these lines on one line, with white space collapsed.</summary>
    private string Shown(int line, int endLine) => string.Join(
        ' ', string.Join(' ', _lines.Skip(line - 1).Take(Math.Max(1, endLine - line + 1))).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
