using System.Globalization;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Rings, and backends in mode log, that log lines lead through. A ring's format and length are its own: what a log line says of a format does not
/// count there, and of two lengths the shorter cuts (seen in 2.6.12, 3.0.11 and 3.2.26).
/// </summary>
/// <param name="config">What HAProxy has read.</param>
/// <param name="version">Of that HAProxy; null = unknown.</param>
internal sealed class RingCheck(HaproxyConfig config, Version? version)
{
    public IEnumerable<Diagnosis> Look()
    {
        foreach (HaproxySection relay in config.Sections.Where(static section => section.IsRelay))
        {
            if (relay.Kind == "ring")
                foreach (Diagnosis found in LookAtLines(relay)) yield return found;
            foreach (HaproxyServer server in relay.Servers.Where(static server => !server.IsCounted && server.Where.IsStream))
            {
                yield return Diagnosis.Warn(
                    $"{server.Place}: {server.Text}", $"{relay.Title} ends its frames by line feeds: a line feed in a request forges a line",
                    AfterUpdate(version, $"{HaproxyLine.Without(server.Text, "log-proto")} log-proto octet-count"));
            }
        }
    }

    /// <summary>
    /// Whether a ring with octet counts stays silent once its receiver has closed the connection, until HAProxy is reloaded: seen in 3.0.11, and
    /// neither in 2.6.12 nor in 3.2.26.
    /// </summary>
    public static bool StaysDead(Version? version) => version is { Major: 3, Minor: 0 };

    /// <summary>A remedy with octet counts, for a HAProxy in which they can be relied on.</summary>
    public static string AfterUpdate(Version? version, string remedy) => StaysDead(version)
        ? $"log to a unix socket, or update HAProxy {version} to 3.2 first (its octet-counted rings stay silent once a receiver was closed); then:\n{remedy}"
        : remedy;

    private IEnumerable<Diagnosis> LookAtLines(HaproxySection ring)
    {
        HaproxyLog[] logs = [.. config.Logs.Where(log => log.RingName == ring.Name && config.IsUsed(log))];
        if (logs.Length == 0) yield break;
        string where = $"(in the section ring {ring.Name})";
        if (LogLineCheck.Lacks(ring.Format ?? "raw") is { } lack)
        {
            string finding = ring.Format is null ? "without a format here, whatever the log line says," : $"with format {ring.Format}";
            yield return Diagnosis.Warn($"{ring.Place}: {ring.Title}", $"{finding} {lack}", $"format {LogLineCheck.GoodFormat}    {where}");
        }
        if (ring.MaxLength is { } length && (length <= HaproxyLog.DefaultLength || length < logs.Max(static log => log.Length)))
        {
            yield return Diagnosis.Warn(
                $"{ring.Place}: {ring.Title}", string.Create(CultureInfo.InvariantCulture, $"maxlen {length}: longer lines are cut there, without a word"),
                $"maxlen {Math.Max(LogLineCheck.GoodLength, logs.Max(static log => log.Length))}    {where}");
        }
    }
}
