using System.Globalization;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Views;

namespace Concentrator.Hosting.Status;

/// <summary>
/// The state of the running server in the one line that <c>systemctl status</c> shows: whether it is ready, as <c>/readyz</c> reports
/// it, and what else an operator should know. Any thread may call.
/// </summary>
internal static class StatusLine
{
    /// <param name="options">The running configuration; counters of parts that only an earlier one had are left out.</param>
    /// <param name="listeners">Snapshots from the ledger.</param>
    /// <param name="outputs">Snapshots from the ledger.</param>
    /// <param name="pagesProblem">Why the status pages are not served; null = they are, or are not wanted.</param>
    public static string Of(
        ServerOptions options, IReadOnlyList<ListenerSnapshot> listeners, IReadOnlyList<OutputSnapshot> outputs, string? pagesProblem)
    {
        HashSet<string> listening = options.Listeners.Select(static l => l.Name).ToHashSet(StringComparer.Ordinal);
        HashSet<string> writing = options.Outputs.Select(static o => o.Name).ToHashSet(StringComparer.Ordinal);
        OutputSnapshot[] running = [.. outputs.Where(o => writing.Contains(o.Name))];
        IReadOnlyList<string> problems = ReadinessRule.Problems(isListening: true, [.. listeners.Where(l => listening.Contains(l.Name))], running);
        List<string> parts = problems.Count == 0
            ? [Running(options), .. running.Where(IsAway).Select(Away)]
            : [$"not ready: {string.Join("; ", problems)}"];
        if (pagesProblem is not null) parts.Add($"status pages unavailable: {pagesProblem}");
        return string.Join("; ", parts);
    }

    private static string Running(ServerOptions options) =>
        $"ready: {Count(options.Listeners.Count, "listener")}, {Count(options.Outputs.Count, "output")}";

    private static bool IsAway(OutputSnapshot output) => output.IsRelay && !output.Connected;

    private static string Away(OutputSnapshot relay) =>
        string.Create(CultureInfo.InvariantCulture, $"relay {relay.Name}: not connected, {relay.Queued:N0} messages queued");

    /// <summary>A number with its noun: <c>1 listener</c>, <c>2 listeners</c>.</summary>
    public static string Count(int number, string thing) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {thing}{(number == 1 ? "" : "s")}");
}
