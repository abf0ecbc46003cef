using Concentrator.Ingest.Sockets;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>Starts the server, which binds an abstract name that nobody else holds. systemd keeps that socket across restarts.</summary>
internal sealed class ServiceStep(SwitchedHost host, SwitchPlace place) : SwitchStep
{
    public const string StepName = "service";

    private const string EnabledNote = "enabled by us";
    private const string StartedNote = "started by us";

    public override string Name => StepName;

    public override string Describe() => $"start Concentrator, which binds {place}, now and at each boot";

    public override string? DescribeBack(JournalEntry entry) =>
        entry[StartedNote] is null ? null : "Concentrator stopped and no longer started at boot";

    public override async Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (!await host.IsAsync("is-enabled", UnitNames.Service, stop).ConfigureAwait(false)) entry[EnabledNote] = "yes";
        if (!await host.IsAsync("is-active", UnitNames.Service, stop).ConfigureAwait(false)) entry[StartedNote] = "yes";
        await host.SystemctlAsync(stop, "enable", "--quiet", UnitNames.Service).ConfigureAwait(false);
        await host.SystemctlAsync(stop, "start", UnitNames.Service).ConfigureAwait(false);
        return await SwitchedHost.WaitAsync(() => PathOwner.At(place.Abstract!.Whole) is { IsAlive: true }, host.Patience, stop).ConfigureAwait(false)
            ? $"Concentrator runs and holds {place}"
            : throw new SwitchFailure($"{UnitNames.Service} runs but does not bind {place}; if its configuration has changed: systemctl reload {UnitNames.Service}");
    }

    public override async Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (entry[EnabledNote] is not null) await host.SystemctlAsync(stop, "disable", "--quiet", UnitNames.Service).ConfigureAwait(false);
        if (entry[StartedNote] is null) return null;
        using WaitingLines? waiting = WaitingLines.Hold(host, place.Abstract!.Whole);
        await host.SystemctlAsync(stop, "stop", UnitNames.Service).ConfigureAwait(false);
        return waiting?.SendOn(WorkerViews.SendsTo(host, place));
    }
}
