using System.Text;
using System.Text.RegularExpressions;

namespace Concentrator.Configuration.Loading;

/// <summary>Tells an rsyslog configuration from JSON with a syntax error.</summary>
internal static partial class RsyslogSyntaxDetector
{
    /// <summary>Whether a line begins as one of rsyslog's does (also in its YAML form) and no line of JSON can.</summary>
    public static bool Fits(ReadOnlySpan<byte> content) => Line().IsMatch(Encoding.UTF8.GetString(content));

    [GeneratedRegex(
        """^[ \t]*(?:\$[A-Za-z]+[ \t]|:[a-z][\w-]*[ \t]*,|(?:module|input|action|template|ruleset|global|main_queue|include)[ \t]*\(|if[ \t(]+(?:not[ \t(]+)?\$|[a-z0-9*,]+\.[!=a-z0-9*,;.]+[ \t]+[-/@:~|&{*]|(?:modules|inputs|templates|rulesets|mainqueue)[ \t]*:[ \t]*(?:\#.*)?\r?$)""",
        RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Line();
}
