using System.Globalization;
using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Checks the rings, and backends in mode log, that log lines lead through. A ring has its own format, which overrides the log line's. Of
/// the two lengths, the shorter applies (seen in 2.6.12, 3.0.11 and 3.2.26).
/// </summary>
/// <param name="config">The configuration that HAProxy has read.</param>
/// <param name="version">HAProxy's version; null = unknown.</param>
internal sealed class HaproxyRingCheck(HaproxyConfig config, Version? version)
{
    /// <summary>A ring's size in bytes that is rarely full: seconds of a fast sender's lines.</summary>
    public const int GoodSize = 16_777_216;

    private const int SmallSize = 1_048_576;

    public IEnumerable<Diagnosis> Look()
    {
        foreach (HaproxySection relay in config.Sections.Where(static section => section.IsRelay))
        {
            if (relay.Kind == "ring")
                foreach (Diagnosis found in LookAtLines(relay)) yield return found;
            foreach (HaproxyServer server in relay.Servers.Where(static server => !server.IsCounted && server.Where.IsStream))
            {
                yield return Diagnosis.Warn(
                    $"{server.Place}: {server.Text}", $"{relay.Title} delimits frames by line feeds: a line feed in a request can forge a line",
                    AfterUpdate(version, $"{HaproxyConfigLine.Without(server.Text, "log-proto")} log-proto octet-count"));
            }
        }
    }

    /// <summary>
    /// Whether an octet-counted ring stays silent after its receiver has closed the connection, until HAProxy is reloaded. Seen in 3.0.11;
    /// not in 2.6.12 or 3.2.26.
    /// </summary>
    public static bool StaysDead(Version? version) => version is { Major: 3, Minor: 0 };

    /// <summary>
    /// Whether a ring that is full again and again may stop for good. Seen in 2.6.12, of 16 KB within a minute, of 1 MB not within one; not in 3.0.11 or
    /// 3.2.26 (<c>findings/haproxy-2.6-ring-stops-for-good.sh</c>).
    /// </summary>
    private static bool StopsWhenFull(Version? version) => version is { Major: 2, Minor: 6 };

    /// <summary>A remedy with octet counting, which first asks for an update where this version's cannot be relied on.</summary>
    public static string AfterUpdate(Version? version, string remedy) => StaysDead(version)
        ? $"log to a unix socket, or update HAProxy {version} to 3.2 first (its octet-counted rings do not reconnect after the receiver closes); then:\n{remedy}"
        : remedy;

    private IEnumerable<Diagnosis> LookAtLines(HaproxySection ring)
    {
        HaproxyLogDirective[] logs = [.. config.Logs.Where(log => log.RingName == ring.Name && config.IsUsed(log))];
        if (logs.Length == 0) yield break;
        string where = $"(in the section ring {ring.Name})";
        if (LogLineCheck.Lacks(ring.Format ?? "raw") is { } lack)
        {
            string finding = ring.Format is null ? "without a format in the ring (the log line's does not apply)," : $"with format {ring.Format}";
            yield return Diagnosis.Warn($"{ring.Place}: {ring.Title}", $"{finding} {lack}", $"format {LogLineCheck.GoodFormat}    {where}");
        }
        if (StopsWhenFull(version) && ring.Size < SmallSize)
        {
            yield return Diagnosis.Warn(
                $"{ring.Place}: {ring.Title}",
                string.Create(CultureInfo.InvariantCulture, $"a ring of {ring.Size} bytes is full at each burst, and one of HAProxy {version} that is full may stop for good"),
                string.Create(CultureInfo.InvariantCulture, $"size {GoodSize}    {where}"));
        }
        if (ring.MaxLength is { } length && (length <= HaproxyLogDirective.DefaultLength || length < logs.Max(static log => log.Length)))
        {
            yield return Diagnosis.Warn(
                $"{ring.Place}: {ring.Title}", string.Create(CultureInfo.InvariantCulture, $"maxlen {length}: longer lines are silently truncated"),
                $"maxlen {Math.Max(LogLineCheck.GoodLength, logs.Max(static log => log.Length))}    {where}");
        }
    }
}
