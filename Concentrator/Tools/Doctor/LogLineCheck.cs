using System.Globalization;
using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Checks the <c>log</c> lines of haproxy.cfg, and the rings and backends behind them, for loss, truncation, incomplete headers and
/// duplicates (docs/reference/haproxy.md: Headers, Length, Rings).
/// </summary>
/// <param name="config">The configuration that HAProxy has read.</param>
/// <param name="version">HAProxy's version; null = unknown.</param>
/// <param name="destinations">The destinations of its lines; null = only addresses are compared.</param>
internal sealed class LogLineCheck(HaproxyConfig config, Version? version, LogDestinations? destinations = null)
{
    /// <summary>The length that the samples recommend, in bytes; enough for any line of a real site.</summary>
    public const int GoodLength = 8192;

    public const string GoodFormat = "rfc5424";

    public IEnumerable<Diagnosis> Look()
    {
        RepeatedLineCheck repeated = new(config, destinations);
        HaproxyLogDirective[] further = [.. repeated.Further];
        Diagnosis[] wrong = [
            .. config.Missing.Select(static file => Diagnosis.Warn(
                file, "cannot be read, so its log lines were not checked", Readable(file))),
            .. config.Logs.Where(log => log.IsSyslog && config.IsUsed(log)).Except(further).SelectMany(Look),
            .. new HaproxyRingCheck(config, version).Look(),
            .. repeated.Look(),
        ];
        if (wrong.Length > 0) return wrong;
        return config.Logs.Count == 0 ? [] : [Diagnosis.Ok("HAProxy's log lines", $"{config.Logs.Count} in {string.Join(", ", config.Files)}")];
    }

    /// <summary>What a header of that format lacks; null when it has everything that matters.</summary>
    public static string? Lacks(string? format) => format switch
    {
        "raw" => "the message has no header: no time, program, facility or severity",
        "short" => "the header has no time, no program and no facility",
        "timed" => "the header has no program and no facility",
        "priority" => "the header has no time and no program",
        "iso" => "the header has no program, no facility and no severity",
        _ => null,
    };

    private static string Readable(string file) => RefusedInspection.IsRoot
        ? $"start HAProxy with the full path: haproxy -f /FULL/PATH; if it already is: {RefusedInspection.AtPath(file)}"
        : RefusedInspection.AtPath(file, "sudo concentrator doctor    (and start HAProxy with the full path: haproxy -f /FULL/PATH)");

    private IEnumerable<Diagnosis> Look(HaproxyLogDirective log)
    {
        if (log.IsImplicitRing)
        {
            yield return new ImplicitRing(log, version).Judge();
            yield break;
        }
        List<string> wrong = [];
        if (log.Length <= HaproxyLogDirective.DefaultLength)
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"longer lines are silently truncated at {log.Length} bytes"));

        // A ring's own format applies, and log-forward by default rebuilds the header from what it received, as well as it can.
        if (log.RingName is null && Lacks(log.Format) is { } lack) wrong.Add($"with format {log.Format} {lack}");
        else if (log.RingName is null && log.Format is null && log.Of.Kind != "log-forward")
            wrong.Add("without a format the header has no year, no time zone and no host");
        if (wrong.Count > 0) yield return Diagnosis.Warn($"{log.Place}: {log.Text}", string.Join("; ", wrong), HaproxyConfigLine.Better(log));
    }
}
