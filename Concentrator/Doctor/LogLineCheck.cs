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
        HaproxyLog[] further = [.. config.Logs.Where(log => FirstWithSamePlace(log) != log)];
        Diagnosis[] wrong = [
            .. config.Missing.Select(static file => Diagnosis.Warn(
                file, "cannot be read, so its log lines were not looked at", "sudo concentrator doctor    (and start HAProxy with the full path: haproxy -f /FULL/PATH)")),
            .. config.Logs.Except(further).SelectMany(Look),
            .. config.Rings.SelectMany(Look),
            .. further.Select(Twice),
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
        List<string> wrong = [];
        if (log.Length <= HaproxyLog.DefaultLength)
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"longer lines are cut at {log.Length} bytes, without a word"));
        bool ringHasFormat = config.Rings.Any(ring => ring.Name == log.RingName && ring.Format is not null);
        if (log.Format is null && !ringHasFormat)
        {
            wrong.Add(log.RingName is null
                ? "without a format the header has no year, no time zone and no host"
                : "without a format, here or in the ring, there is no header at all");
        }
        if (wrong.Count > 0) yield return Diagnosis.Warn($"{log.Place}: {log.Text}", string.Join("; ", wrong), Better(log));
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

    /// <summary>Whatever passes both of two lines that one section has for one address arrives twice, with two facilities.</summary>
    private Diagnosis Twice(HaproxyLog further)
    {
        HaproxyLog first = FirstWithSamePlace(further);
        string level = HaproxyLog.Severities[Math.Min(first.Level, further.Level)];
        int colon = further.Place.LastIndexOf(':');
        string facility = further.Facility ?? "";
        return Diagnosis.Warn(
            $"{further.Place}: {further.Text}",
            $"every message of severity {level} or worse is sent twice: {first.Place} sends it to {first.Address} as well",
            $"sed -i '{further.Place[(colon + 1)..]}{{/log.*{facility}/d}}' {further.Place[..colon]} && systemctl reload haproxy");
    }

    private HaproxyLog FirstWithSamePlace(HaproxyLog log) => log.IsSyslog
        ? config.Logs.First(other => other.Section == log.Section && other.Address == log.Address)
        : log;

    /// <summary>The line with the length and format that it should have.</summary>
    /// <param name="log">As it is.</param>
    /// <param name="address">Where to it should lead; null = where it does.</param>
    public static string Better(HaproxyLog log, string? address = null)
    {
        string[] words = log.Text.Split(' ');
        string rest = Without(string.Join(' ', words.Skip(2)), "len", "format");
        string format = log.Format ?? "rfc5424";
        string length = (log.Length > HaproxyLog.DefaultLength ? log.Length : GoodLength).ToString(CultureInfo.InvariantCulture);
        return $"log {address ?? words[1]} len {length} format {format} {rest}".TrimEnd();
    }

    /// <summary>The words without these keywords and the word after each.</summary>
    public static string Without(string text, params string[] keywords)
    {
        List<string> words = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        foreach (string keyword in keywords)
        {
            int at = words.IndexOf(keyword);
            if (at >= 0) words.RemoveRange(at, Math.Min(2, words.Count - at));
        }
        return string.Join(' ', words);
    }
}
