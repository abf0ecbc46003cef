using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Whether Sekoia.io's HAProxy parser understands what the proxies log: <c>option httplog</c> and <c>httpslog</c>, the default of a proxy
/// without either ("Connect from …"), and JSON after <c>[WORD] N</c> (docs/reference/receivers.md, Sekoia.io). Other lines arrive there but
/// are not parsed. Only run when an output sends there.
/// </summary>
internal sealed class LineFormatCheck(HaproxyConfig config)
{
    /// <summary>The formats that <c>option httplog</c> and <c>option httpslog</c> stand for in HAProxy's manual.</summary>
    private const string HttpLog = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r";

    private const string HttpsLog = $"{HttpLog} %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc";

    private static readonly string[] ReadFormats = [HttpLog, HttpsLog, "${HAPROXY_HTTP_LOG_FMT}", "${HAPROXY_HTTPS_LOG_FMT}"];

    public IEnumerable<Diagnosis> Look()
    {
        HaproxyLineFormat[] used = [.. config.LineFormats.Where(format => !config.IsSilent(format.Section))];
        Diagnosis[] wrong = [.. used.Where(static format => !IsUnderstood(format)).Select(static format => Diagnosis.Warn(
            $"{format.Place}: {format.Keyword}",
            $"Sekoia.io's HAProxy parser cannot parse these lines of {format.Section.Title}",
            format.Keyword == "option tcplog" ? "option httplog    (with mode http; in mode tcp use neither: the lines \"Connect from ...\" are parsed)"
                : "option httplog"))];
        return wrong.Length > 0 || used.Length == 0 ? wrong : [Diagnosis.Ok("HAProxy's line formats", "parsed by Sekoia.io's HAProxy parser")];
    }

    private static bool IsUnderstood(HaproxyLineFormat format) => format.Keyword switch
    {
        "option tcplog" => false,
        "log-format" => ReadFormats.Any(read => IsOrContinues(format.Text, read)) || IsJsonBehindWord(format.Text),

        // "option httplog clf" is Apache's log format.
        _ => format.Text.Length == 0,
    };

    /// <summary>Whether the text is that format, with or without more fields behind it: the parser takes whatever follows the request.</summary>
    private static bool IsOrContinues(string text, string format) =>
        text.StartsWith(format, StringComparison.Ordinal) && (text.Length == format.Length || text[format.Length] == ' ');

    /// <summary>Whether the text has the form <c>[WORD] N {…}</c>.</summary>
    private static bool IsJsonBehindWord(string text)
    {
        int end = text.IndexOf(']', StringComparison.Ordinal);
        int brace = text.IndexOf('{', StringComparison.Ordinal);
        return text.StartsWith('[') && end > 1 && brace > end && !text[(end + 1)..brace].Trim().Contains(' ', StringComparison.Ordinal)
            && text[(end + 1)..brace].Trim().Length > 0 && !text[..brace].EndsWith('%');
    }
}
