using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.Rendering;

namespace Concentrator.Tools.Import;

/// <summary>The meaning of an rsyslog template.</summary>
/// <param name="File">The matching format of a file; null if there is none.</param>
/// <param name="Relay">The matching format of a relay; null if there is none.</param>
/// <param name="Timestamp">Which of the two times it shows.</param>
/// <param name="IntakeKey">The key in the element SEKOIA@53288.</param>
/// <param name="Remark">How the output differs from the template; null if it does not.</param>
/// <param name="Loss">The same, if readers of the output must be changed; null if not.</param>
internal sealed record RecognizedTemplate(
    FileFormat? File, RelayFormat? Relay, TimestampSource Timestamp, string? IntakeKey = null, string? Remark = null, string? Loss = null);

/// <summary>The templates built into rsyslog and those that the files define, recognized by what they write.</summary>
internal sealed partial class RsyslogTemplates
{
    private const string Body = " %hostname% %syslogtag%%msg%";

    private static readonly Dictionary<string, string> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        ["RSYSLOG_TraditionalFileFormat"] = "%timestamp%" + Body,
        ["RSYSLOG_FileFormat"] = "%timestamp:::date-rfc3339%" + Body,
        ["RSYSLOG_TraditionalForwardFormat"] = "<%pri%>%timestamp%" + Body,
        ["RSYSLOG_ForwardFormat"] = "<%pri%>%timestamp:::date-rfc3339%" + Body,
        ["RSYSLOG_SyslogProtocol23Format"] =
            "<%pri%>1 %timestamp:::date-rfc3339% %hostname% %app-name% %procid% %msgid% %structured-data% %msg%",
    };

    private readonly Dictionary<string, string> _defined = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds <c>$template NAME,"text"</c>; returns a problem if that fails.</summary>
    public string? DefineLegacy(string value)
    {
        int comma = value.IndexOf(',', StringComparison.Ordinal);
        Match text = comma < 0 ? Match.Empty : LegacyText().Match(value, comma + 1);
        if (!text.Success) return "a template is NAME,\"text\"";
        string name = value[..comma].Trim();
        return _defined.TryAdd(name, Escape().Replace(text.Groups[1].Value, static escape => escape.Value == "\\n" ? "\n" : escape.Value[1..]))
            ? null
            : $"template {Problem.Quote(name)} is defined twice; the first is used";
    }

    /// <summary>Adds <c>template(…)</c> with all its parameters; returns a problem if that fails.</summary>
    public string? Define(RsyslogObject template)
    {
        RsyslogParameters parameters = template.Parameters;
        string? type = parameters["type"];
        parameters.Ignore("option.*");
        string? text = type?.ToLowerInvariant() switch
        {
            "string" => parameters["string"],
            "list" when parameters.IsOn("option.jsonf") => OfParts(template.Parts) is string members ? $"{{{members}}}\n" : null,
            "list" => OfParts(template.Parts),
            _ => null,
        };
        return parameters["name"] is not string name ? "a template needs a name"
            : text is null ? $"a template of type {Problem.Quote(type ?? "")} is not supported; the default format is used in its place"
            : _defined.TryAdd(name, text) ? null
            : $"template {Problem.Quote(name)} is defined twice; the first is used";
    }

    /// <summary>The intake key in a template that the files define, or null.</summary>
    public string? KeyOf(string name) =>
        _defined.TryGetValue(name, out string? text) && SekoiaElement().Match(text) is { Success: true } element ? element.Groups["key"].Value : null;

    /// <summary>The meaning of a template; null if it does not exist.</summary>
    public RecognizedTemplate? Recognize(string name)
    {
        if (!_defined.TryGetValue(name, out string? text) && !Own.TryGetValue(name, out text)) return null;
        TimestampSource timestamp = text.Contains("%timegenerated", StringComparison.OrdinalIgnoreCase) ? TimestampSource.Received : TimestampSource.Message;
        Match element = SekoiaElement().Match(text);
        if (element.Success)
        {
            bool asDocumented = Normalize(SekoiaElement().Replace(text, "SEKOIA"))
                == "<%pri%>1 %timestamp:::date-rfc3339% %hostname% %app-name% %procid% log sekoia %msg%";
            return new RecognizedTemplate(null, RelayFormat.Sekoia, timestamp, element.Groups["key"].Value, asDocumented
                ? null
                : "the frame documented by Sekoia.io is used; this template differs from it");
        }
        string normal = Normalize(text);
        return normal switch
        {
            "%msg%" => new RecognizedTemplate(FileFormat.Message, null, timestamp, null,
                text.Contains("%msg:2:$%", StringComparison.OrdinalIgnoreCase) ? null : "without the space that rsyslog writes before the text"),
            ['{', .., '}'] => new RecognizedTemplate(FileFormat.Json, null, timestamp, null, null,
                "lines are JSON of one shape (timestamp, host, program, pid, facility, severity, message), and the template's differs: check that the consumer knows these names"),
            "%timestamp%" + Body => new RecognizedTemplate(FileFormat.Traditional, null, timestamp),
            "%timestamp:::date-rfc3339%" + Body => new RecognizedTemplate(FileFormat.Rfc3339, null, timestamp),
            "<%pri%>1 %timestamp:::date-rfc3339% %hostname% %app-name% %procid% %msgid% %structured-data% %msg%" =>
                new RecognizedTemplate(FileFormat.Rfc5424, RelayFormat.Rfc5424, timestamp),
            "<%pri%>%timestamp%" + Body or "<%pri%>%timestamp:::date-rfc3339%" + Body =>
                new RecognizedTemplate(null, RelayFormat.Rfc5424, timestamp, null, "messages are sent as RFC 5424, while rsyslog sent RFC 3164 headers"),
            "%rawmsg%" or "%rawmsg-after-pri%" when text.Contains("%rawmsg%", StringComparison.OrdinalIgnoreCase) =>
                new RecognizedTemplate(FileFormat.Raw, RelayFormat.Raw, TimestampSource.Received),
            _ => new RecognizedTemplate(null, null, timestamp),
        };
    }

    /// <summary>Lower case, one name per property, without options that only concern blanks and line ends.</summary>
    private static string Normalize(string text)
    {
        string plain = Version().Replace(text.ToLowerInvariant().TrimEnd('\n', ' '), "1");
        plain = TimeName().Replace(plain, "%timestamp");
        plain = plain.Replace("%source%", "%hostname%", StringComparison.Ordinal).Replace("%msg:::sp-if-no-1st-sp%", "", StringComparison.Ordinal);
        plain = TagLength().Replace(plain, "%syslogtag%");
        plain = PlainTime().Replace(plain, "%timestamp%");
        return MessageText().Replace(plain, "%msg%");
    }

    private static string? OfParts(IReadOnlyList<(string Kind, RsyslogParameters Parameters)> parts)
    {
        StringBuilder text = new();
        foreach ((string kind, RsyslogParameters parameters) in parts)
        {
            if (kind == "constant" && parameters["value"] is string constant)
            {
                text.Append(constant);
            }
            else if (kind == "property" && parameters["name"] is string name)
            {
                string options = parameters["dateformat"] is string date ? $"date-{date}" : parameters.IsOn("spifno1stsp") ? "sp-if-no-1st-sp" : "";
                text.Append('%').Append(name).Append(options.Length > 0 ? ":::" : "").Append(options).Append('%');
            }
            else
            {
                return null;
            }
        }
        return text.ToString();
    }

    [GeneratedRegex("""\G\s*"((?:\\.|[^"\\])*)"\s*(?:,.*)?$""")]
    private static partial Regex LegacyText();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escape();

    [GeneratedRegex("""\[SEKOIA@53288\s+intake_key=\\?"(?<key>[^"\\\]\s]+)\\?"\s*\]""", RegexOptions.IgnoreCase)]
    private static partial Regex SekoiaElement();

    [GeneratedRegex("%protocol-version%")]
    private static partial Regex Version();

    [GeneratedRegex("%(?:timegenerated|timereported)")]
    private static partial Regex TimeName();

    [GeneratedRegex(@"%syslogtag:1:32%|%syslogtag:::[\w,\-]*%")]
    private static partial Regex TagLength();

    [GeneratedRegex("%timestamp:::date-rfc3164%")]
    private static partial Regex PlainTime();

    // Parts and patterns of the text are not the text, so only options that leave it whole are matched.
    [GeneratedRegex(@"%msg:(?:2:\$|::(?:drop-last-lf|escape-cc|sp-if-no-1st-sp)|r,ere,1,(?:field|blank|dflt):\^\[ \t\]\*\(\.\*\)\$--end)%")]
    private static partial Regex MessageText();
}
