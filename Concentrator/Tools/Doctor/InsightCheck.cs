using System.Globalization;
using System.Text.Json;
using Concentrator.Accounting.HAProxyTraffic;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Status;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// What the running server has seen in HAProxy's lines (<c>/status.json</c>): lines lost before they reached it, lines cut by their sender, and, where an
/// output sends to Sekoia.io, lines of the last day that its parser does not read. A kind that
/// HAProxy cannot write otherwise is no warning. Says nothing where there is nothing to say.
/// </summary>
/// <param name="toSekoia">Whether an output sends there.</param>
/// <param name="now">The time, to leave out what is over.</param>
internal sealed class InsightCheck(bool toSekoia, DateTimeOffset now)
{
    private const string WhyLost = "ring NAME: raise size; log lines to a socket: concentrator doctor --fix, and tune.sndbuf.backend 8388608 in section global (HAProxy 2.9 and later)";

    private static readonly TimeSpan Recently = TimeSpan.FromDays(1);

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    /// <param name="monitoring">The server's status pages.</param>
    /// <param name="stop">Cancels the check.</param>
    public async Task<IReadOnlyList<Diagnosis>> AskAsync(MonitoringOptions monitoring, CancellationToken stop)
    {
        using StatusClient client = new(monitoring, Deadline);
        try
        {
            string text = await client.Http.GetStringAsync(client.Page("status.json"), stop).ConfigureAwait(false);
            using JsonDocument document = JsonDocument.Parse(text);
            return [.. Look(document.RootElement)];
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || StatusQuery.IsMalformed(e) || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return [Diagnosis.Warn("HAProxy's lines", $"the server's status cannot be read: {e.Message}", "concentrator status")];
        }
    }

    /// <param name="status">The status document.</param>
    public IEnumerable<Diagnosis> Look(JsonElement status) => status.GetProperty("listeners").EnumerateArray().SelectMany(LookAtListener);

    private IEnumerable<Diagnosis> LookAtListener(JsonElement listener)
    {
        string name = StatusValues.Printable(listener.GetProperty("name").GetString());
        if (listener.TryGetProperty("lost_before", out JsonElement lost))
        {
            string[] reasons = [.. lost.EnumerateObject().Where(static reason => reason.Value.GetInt64() > 0)
                .Select(static reason => $"{StatusValues.Number(reason.Value.GetInt64())} ({reason.Name})")];
            if (reasons.Length > 0)
                yield return Diagnosis.Warn($"listener {name}", $"messages were lost before they reached it: {string.Join(", ", reasons)}", WhyLost);
        }
        if (!listener.TryGetProperty("insight", out JsonElement insight) || insight.ValueKind != JsonValueKind.Object) yield break;
        if (insight.GetProperty("cut_lines").GetInt64() is > 0 and long cut)
        {
            yield return Diagnosis.Warn(
                $"listener {name}", $"{StatusValues.Number(cut)} lines of HAProxy were cut at {InsightLines.Lengths(insight)}",
                $"log ... len {LogLineCheck.GoodLength.ToString(CultureInfo.InvariantCulture)}    (of a ring: maxlen)");
        }
        if (!toSekoia) yield break;
        foreach (JsonElement kind in insight.GetProperty("unreadable").EnumerateArray())
        {
            if (now.UtcDateTime - kind.GetProperty("last").GetDateTime().ToUniversalTime() > Recently) continue;
            string label = kind.GetProperty("kind").GetString() ?? "", remedy = kind.GetProperty("remedy").GetString() ?? "";
            string finding = $"{StatusValues.Number(kind.GetProperty("count").GetInt64())} lines that Sekoia.io's HAProxy parser does not read "
                + $"({StatusValues.Printable(label)}), such as: {StatusValues.Printable(kind.GetProperty("example").GetString())}";
            bool isMendable = !UnreadableKinds.All.Any(known => known.Label() == label && !known.IsMendable());
            yield return isMendable ? Diagnosis.Warn($"listener {name}", finding, remedy) : Diagnosis.Ok($"listener {name}", $"{finding}    ({remedy})");
        }
    }
}
