using System.Globalization;

namespace Concentrator.Doctor;

/// <summary>
/// The <c>log</c> lines and rings of haproxy.cfg: what they lose, cut, leave out or say twice (HAPROXY.md 2, 4, 6).
/// </summary>
/// <param name="config">What HAProxy has read.</param>
/// <param name="version">Of that HAProxy; null = unknown.</param>
internal sealed class LogLineCheck(HaproxyConfig config, Version? version)
{
    /// <summary>A line that the samples recommend; enough for any line of a real site.</summary>
    private const int GoodLength = 8192;

    /// <summary>From then on an implicit ring closes its connection after every batch of at most 16 KB, one a second.</summary>
    private static readonly Version ImplicitRingsLose = new(3, 1);

    public IEnumerable<Diagnosis> Look()
    {
        Diagnosis[] wrong = [
            .. config.Missing.Select(static file => Diagnosis.Warn(file, "cannot be read, so its log lines were not looked at", "sudo concentrator doctor")),
            .. config.Logs.SelectMany(Look),
            .. config.Rings.SelectMany(Look),
            .. Twice(),
        ];
        if (wrong.Length > 0) return wrong;
        return config.Logs.Count == 0 ? [] : [Diagnosis.Ok("HAProxy's log lines", $"{config.Logs.Count} in {string.Join(", ", config.Files)}")];
    }

    private IEnumerable<Diagnosis> Look(HaproxyLog log)
    {
        if (!log.IsSyslog) yield break;
        if (log.IsImplicitRing)
        {
            yield return Implicit(log);
            yield break;
        }
        string subject = $"{log.Place}: {log.Text}";
        if (log.Length <= HaproxyLog.DefaultLength)
            yield return Diagnosis.Warn(subject, $"longer lines are cut at {log.Length} bytes, without a word", Better(log));
        bool ringHasFormat = log.RingName is not null && config.Rings.Any(ring => ring.Name == log.RingName && ring.Format is not null);
        if (log.Format is null && !ringHasFormat)
        {
            yield return Diagnosis.Warn(
                subject, log.RingName is null ? "no format: the header has no year, no time zone and no host"
                    : "no format, here or in the ring: its lines have no header at all", Better(log));
        }
    }

    private Diagnosis Implicit(HaproxyLog log)
    {
        string subject = $"{log.Place}: {log.Text}";
        string address = log.Address[(log.Address.IndexOf('@', StringComparison.Ordinal) + 1)..];
        string facility = log.Facility ?? "local0";
        string remedy =
            $"""
            log ring@concentrator len {GoodLength} format rfc5424 {facility}    (in its place, and further down:)
            ring concentrator
                format rfc5424
                maxlen {GoodLength}
                size 16777216
                timeout connect 2s
                timeout server 10s
                server c1 {address} log-proto octet-count
            """;
        return version is null
            ? Diagnosis.Warn(subject, "a stream without a ring of its own: HAProxy 3.1 and later loses nearly all under load, and which runs here is unknown", remedy)
            : version >= ImplicitRingsLose
                ? Diagnosis.Fail(subject, $"HAProxy {version} sends 16 KB a second over it and loses the rest", remedy)
                : Diagnosis.Warn(
                    subject, $"a ring of 16 KB, ended by line feeds: a client can forge lines, and after an update from {version} to 3.1 nearly all are lost", remedy);
    }

    private static IEnumerable<Diagnosis> Look(HaproxyRing ring) => ring.LineFramed.Select(server => Diagnosis.Warn(
        $"{server.Place}: {server.Text}", $"ring {ring.Name} ends its frames by line feeds: a line feed in a request forges a line",
        $"{Without(server.Text, "log-proto")} log-proto octet-count"));

    /// <summary>Two lines of one section to one place: whatever passes both arrives twice, with two facilities.</summary>
    private IEnumerable<Diagnosis> Twice()
    {
        foreach (IGrouping<(string, string), HaproxyLog> same in config.Logs.Where(static log => log.IsSyslog).GroupBy(static log => (log.Section, log.Address)))
        {
            HaproxyLog first = same.First();
            foreach (HaproxyLog further in same.Skip(1))
            {
                string[] names = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
                int level = Math.Min(first.Level, further.Level);
                yield return Diagnosis.Warn(
                    $"{further.Place}: {further.Text}",
                    $"every message of severity {names[level]} or worse is sent twice: {first.Place} sends it to {first.Address} as well",
                    string.Create(CultureInfo.InvariantCulture, $"sed -i '{further.Place[(further.Place.LastIndexOf(':') + 1)..]}d' {further.Place[..further.Place.LastIndexOf(':')]} && systemctl reload haproxy"));
            }
        }
    }

    /// <summary>The line with the length and format that it should have.</summary>
    private static string Better(HaproxyLog log)
    {
        string[] words = log.Text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        string rest = Without(string.Join(' ', words.Skip(2)), "len", "format");
        string format = log.Format ?? "rfc5424";
        string length = (log.Length > HaproxyLog.DefaultLength ? log.Length : GoodLength).ToString(CultureInfo.InvariantCulture);
        return $"log {words[1]} len {length} format {format} {rest}".TrimEnd();
    }

    /// <summary>The words without these keywords and the word after each.</summary>
    private static string Without(string text, params string[] keywords)
    {
        List<string> words = [.. text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)];
        foreach (string keyword in keywords)
        {
            int at = words.IndexOf(keyword);
            if (at >= 0) words.RemoveRange(at, Math.Min(2, words.Count - at));
        }
        return string.Join(' ', words);
    }
}
