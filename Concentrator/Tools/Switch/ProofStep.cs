using Concentrator.Configuration.Options;
using Concentrator.Tools.Doctor;
using Concentrator.Tools.Taps;
using Concentrator.Tools.Trace;

namespace Concentrator.Tools.Switch;

/// <summary>
/// Sends a marked line through the path that HAProxy's newest worker uses, with its root and mounts, and follows it through the server
/// (<see cref="TraceRun"/>): it must be in a file or, where no route leads it to one, in the queue of a relay. A server without a control
/// socket is not asked: there the line must appear in one of our files or, without a file output, in the counters. Then compares HAProxy's
/// counters with ours for one second. Changes nothing.
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
        HaproxyProcess worker = await WorkerViews.NewestAsync(host, stop).ConfigureAwait(false);
        string listener = ListenerFor(options, place)!.Name;
        LineCounts before = await LineCounts.TakeAsync(worker.Config, options.Monitoring, listener, stop).ConfigureAwait(false);
        string? found = await FollowAsync(worker, stop).ConfigureAwait(false);
        MarkedLine? mark = null;
        if (found is null)
        {
            mark = new MarkedLine(Files);
            mark.SendTo(place.SeenBy(worker));
        }
        await Task.Delay(CountedFor, stop).ConfigureAwait(false);
        LineCounts after = await LineCounts.TakeAsync(worker.Config, options.Monitoring, listener, stop).ConfigureAwait(false);
        string counted = FormattableString.Invariant($"in {CountedFor.TotalSeconds:0} s {after.Since(before)}");
        if (mark is not null && Files.Length == 0)
        {
            if (after.Received is null || after.Received == before.Received) throw new SwitchFailure($"a line sent to {place.Address} did not arrive here: {counted}");
            return $"{counted}, including the marked one";
        }
        if (mark is not null)
        {
            if (!await SwitchedHost.WaitAsync(() => mark.FoundIn() is not null, host.Patience, stop).ConfigureAwait(false))
                throw new SwitchFailure($"a line sent to {place.Address} is not in {string.Join(", ", Files)}");
            found = $"is in {mark.FoundIn()}";
        }
        return FormattableString.Invariant($"a marked line sent to {place.Address} as HAProxy (pid {worker.Pid}) sees it {found}; {counted}, including the marked one");
    }

    public override Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop) => Task.FromResult<string?>(null);

    /// <summary>Our listener at the place; null when there is none.</summary>
    public static ListenerOptions? ListenerFor(ServerOptions options, SwitchPlace place) =>
        options.Listeners.FirstOrDefault(place.IsOf);

    private string[] Files => FilesOf(options);

    /// <summary>The files of our outputs that can be searched.</summary>
    public static string[] FilesOf(ServerOptions options) =>
        [.. options.Outputs.OfType<FileOutputOptions>().Select(static file => file.Path).Where(static path => !path.StartsWith("/dev/", StringComparison.Ordinal))];

    /// <summary>Where the line is; null if the server cannot be asked.</summary>
    /// <exception cref="SwitchFailure">It is not where it should be.</exception>
    private async Task<string?> FollowAsync(HaproxyProcess worker, CancellationToken stop)
    {
        LineWay way = new(options.Outputs.OfType<FileOutputOptions>().ToDictionary(static file => file.Name, static file => file.Path));
        TraceResult result;
        try
        {
            result = await new TraceRun(new SocketProbe(place, worker), way.Reach).RunAsync(options.Spool.Directory, host.Patience, stop).ConfigureAwait(false);
        }
        catch (TapException) when (!way.IsSent)
        {
            return null;
        }
        stop.ThrowIfCancellationRequested();
        return way.Found ?? throw new SwitchFailure($"a line sent to {place.Address} did not get through: {result.Text}");
    }
}
