using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Finds messages that arrive more than once: two log lines of one proxy that lead to one receiver, by one address or by two listeners; a
/// ring with two servers that both lead here; and proxies that log several steps of a request.
/// </summary>
/// <param name="config">The configuration that HAProxy has read.</param>
/// <param name="destinations">The destinations of its lines; null = only addresses are compared.</param>
internal sealed class RepeatedLineCheck(HaproxyConfig config, LogDestinations? destinations)
{
    private readonly (HaproxyLogDirective First, HaproxyLogDirective Further, HaproxySection Section)[] _pairs = [.. Pairs(config, destinations)];

    /// <summary>The lines that repeat an earlier one.</summary>
    public IEnumerable<HaproxyLogDirective> Further => _pairs.Select(static pair => pair.Further);

    public IEnumerable<Diagnosis> Look() => [.. _pairs.Select(Twice), .. config.Sections.SelectMany(RingTwice), .. config.FurtherLines.Where(Counts).Select(Steps)];

    private static IEnumerable<(HaproxyLogDirective, HaproxyLogDirective, HaproxySection)> Pairs(HaproxyConfig config, LogDestinations? destinations)
    {
        HashSet<string> said = [];
        foreach (HaproxySection section in config.Sections)
        {
            // Sampled lines do not get the same messages.
            HaproxyLogDirective[] logs = [.. section.Logs.Where(log => log.IsSyslog && !log.IsSampled && config.IsUsed(log))];
            for (int at = 1; at < logs.Length; at++)
            {
                HaproxyLogDirective further = logs[at];
                HaproxyLogDirective? first = Array.Find(logs[..at], log => log.Address == further.Address || (destinations?.IsOurs(log) == true && destinations.IsOurs(further)));
                if (first is null) continue;

                // A line of the section "global" also serves other proxies, so the proxy's own line is the one to remove.
                if (further.Of.Kind == "global" && first.Of.Kind != "global") (first, further) = (further, first);
                if (said.Add(further.Place)) yield return (first, further, section);
            }
        }
    }

    private Diagnosis Twice((HaproxyLogDirective First, HaproxyLogDirective Further, HaproxySection Section) pair)
    {
        string level = HaproxyLogDirective.Severities[Math.Min(pair.First.Level, pair.Further.Level)];
        string whose = pair.First.Of == pair.Further.Of ? "" : $" of {pair.Section.Title}";
        return Diagnosis.Warn(
            $"{pair.Further.Place}: {pair.Further.Text}",
            $"every message of severity {level} or worse{whose} is sent twice: {pair.First.Place} also sends it to {pair.First.Address}",
            HaproxyConfigLine.Remove(pair.Further));
    }

    /// <summary>A ring sends every message to each server. A backend balances them.</summary>
    private IEnumerable<Diagnosis> RingTwice(HaproxySection ring)
    {
        if (ring.Kind != "ring" || destinations is null) return [];
        HaproxyServer[] ours = [.. ring.Servers.Where(destinations.IsOurs)];
        return ours.Skip(1).Select(further => Diagnosis.Warn(
            $"{further.Place}: {further.Text}", $"every message of {ring.Title} is sent twice: {ours[0].Place} also leads to a Concentrator listener",
            "remove it: a second server of a ring is not a backup, each receives every message"));
    }

    private bool Counts(HaproxyFurtherLines further) =>
        config.ProxiesOf(further.Section).Any(proxy => !proxy.IsSilenced && !(proxy.Logs.Count > 0 && proxy.Logs.TrueForAll(HasProfileForOthers)))
        && (!further.Text.StartsWith("log-steps ", StringComparison.Ordinal) || further.Text.Contains(',', StringComparison.Ordinal) || further.Text.EndsWith(" all", StringComparison.Ordinal));

    /// <summary>Whether the line's profile drops steps that it does not name.</summary>
    private bool HasProfileForOthers(HaproxyLogDirective log) =>
        config.Sections.Exists(section => section.Kind == "log-profile" && section.Name == log.Profile && section.DropsOtherSteps);

    private static Diagnosis Steps(HaproxyFurtherLines further) => Diagnosis.Warn(
        $"{further.Place}: {further.Text}",
        $"{further.Section.Title} logs several lines per request, those before its end with status -1 or \"<BADREQ>\": tools that count lines count them as requests",
        further.Text.StartsWith("log-steps", StringComparison.Ordinal) ? "log-steps close" : "remove it, or drop the extra lines in a log-profile: on any drop");
}
