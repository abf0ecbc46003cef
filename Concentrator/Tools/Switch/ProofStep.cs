using Concentrator.Configuration.Options;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>
/// Sends a marked line through the path that HAProxy's newest worker uses, with its root and mounts. The line must appear in one of our
/// files or, without a file output, in the counters. Then compares HAProxy's counters with ours for one second. Changes nothing.
/// </summary>
internal sealed class ProofStep(SwitchedHost host, SwitchPlace place, ServerOptions options) : SwitchStep
{
    public const string StepName = "proof";

    private static readonly TimeSpan CountedFor = TimeSpan.FromSeconds(1);

    public override string Name => StepName;

    public override string Describe() => $"verify: send a marked line to {place.Address} as HAProxy sees it, and look for it in {(Files.Length > 0 ? string.Join(", ", Files) : "our counters")}";

    public override string? DescribeBack(JournalEntry entry) => null;

    public override async Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        HaproxyProcess worker = WorkerViews.Workers(host) is [.., var newest] ? newest : throw new SwitchFailure("HAProxy is no longer running");
        string listener = ListenerFor(options, place)!.Name;
        LineCounts before = await LineCounts.TakeAsync(worker.Config, options.Monitoring, listener, stop).ConfigureAwait(false);
        MarkedLine mark = new(Files);
        mark.SendTo(place.SeenBy(worker));
        await Task.Delay(CountedFor, stop).ConfigureAwait(false);
        LineCounts after = await LineCounts.TakeAsync(worker.Config, options.Monitoring, listener, stop).ConfigureAwait(false);
        string counted = FormattableString.Invariant($"in {CountedFor.TotalSeconds:0} s {after.Since(before)}, including the marked one");
        if (Files.Length == 0)
        {
            if (after.Received is null || after.Received == before.Received) throw new SwitchFailure($"a line sent to {place.Address} did not arrive here: {counted}");
            return counted;
        }
        if (!await SwitchedHost.WaitAsync(() => mark.FoundIn() is not null, host.Patience, stop).ConfigureAwait(false))
            throw new SwitchFailure($"a line sent to {place.Address} is not in {string.Join(", ", Files)}");
        return FormattableString.Invariant($"a marked line sent to {place.Address} as HAProxy (pid {worker.Pid}) sees it is in {mark.FoundIn()}; {counted}");
    }

    public override Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop) => Task.FromResult<string?>(null);

    /// <summary>Our listener at the place; null when there is none.</summary>
    public static ListenerOptions? ListenerFor(ServerOptions options, SwitchPlace place) =>
        options.Listeners.FirstOrDefault(place.IsOf);

    private string[] Files => FilesOf(options);

    /// <summary>The files of our outputs that can be searched.</summary>
    public static string[] FilesOf(ServerOptions options) =>
        [.. options.Outputs.OfType<FileOutputOptions>().Select(static file => file.Path).Where(static path => !path.StartsWith("/dev/", StringComparison.Ordinal))];
}
