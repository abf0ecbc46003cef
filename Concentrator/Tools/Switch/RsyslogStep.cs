using System.Net.Sockets;
using System.Text.RegularExpressions;
using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>
/// Lets rsyslog read what is left in its socket and release it: its file is set aside and it is restarted. As it stops, it removes the path
/// by name, even if another program owns it by then, so the path is held meanwhile.
/// </summary>
internal sealed partial class RsyslogStep(SwitchedHost host, SwitchPlace place) : SwitchStep
{
    public const string StepName = "rsyslog";

    private const string MovedNote = "moved";
    private const string ActiveNote = "active";

    private readonly UnseenDirectory _room = new(place);

    public override string Name => StepName;

    public override string Describe() => $"let rsyslog write its remaining lines, rename {host.Snippet} to {Path.GetFileName(host.SnippetAside)} and restart rsyslog";

    public override string? DescribeBack(JournalEntry entry) =>
        $"{host.Snippet} restored{(entry[ActiveNote] is null ? "" : $" and rsyslog restarted, its socket beside {place.HostPath} at first")}";

    public override async Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (File.Exists(host.SnippetAside)) throw new SwitchFailure($"{host.SnippetAside} already exists: move it away");
        bool isActive = await host.IsAsync("is-active", UnitNames.Rsyslog, stop).ConfigureAwait(false);
        string drained = isActive && !await IsDrainedAsync(stop).ConfigureAwait(false) ? "; lines that rsyslog had not written yet may be in /var/log/syslog" : "";
        entry[ActiveNote] = isActive ? "yes" : null;
        entry[MovedNote] = "yes";
        File.Move(host.Snippet, host.SnippetAside);
        if (isActive) await _room.HeldAsync(() => host.RestartAsync(UnitNames.Rsyslog, stop)).ConfigureAwait(false);
        if (FileCalls.Identify(_room.SocketHardLink) is not { } ours
            || !await SwitchedHost.WaitAsync(() => FileCalls.Identify(place.HostPath) == ours, host.Patience, stop).ConfigureAwait(false))
            throw new SwitchFailure($"{place.HostPath} is no longer our socket");
        await WorkerViews.DemandAsync(host, place, ours, stop).ConfigureAwait(false);
        return isActive ? $"rsyslog has released {place.HostPath}, {host.Snippet} is renamed{drained}" : $"{host.Snippet} is renamed; rsyslog is not running";
    }

    public override async Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (entry[MovedNote] is null) return null;
        if (!File.Exists(host.Snippet)) File.Move(host.SnippetAside, host.Snippet);
        if (entry[ActiveNote] is null) return null;
        await _room.UnseenAsync(() => host.RestartAsync(UnitNames.Rsyslog, stop)).ConfigureAwait(false);
        await new HaproxyReload(host).FreeAsync(_room, stop).ConfigureAwait(false);
        if (!await SwitchedHost.WaitAsync(IsBound, host.Patience, stop).ConfigureAwait(false))
            throw new SwitchFailure($"rsyslog was restarted but does not listen at {place.HostPath}: journalctl --unit {UnitNames.Rsyslog}");
        return null;
    }

    private bool IsBound() => UnseenDirectory.IsAlive(_room.Bound) && FileCalls.Identify(_room.Bound) != FileCalls.Identify(_room.SocketHardLink);

    /// <summary>
    /// Whether rsyslog has written everything. A socket is read in order, so once a marked line is in the file, all lines before it are
    /// too. Checks both sockets that HAProxy's lines may have gone to.
    /// </summary>
    private async Task<bool> IsDrainedAsync(CancellationToken stop)
    {
        string[] files = [.. LogFile().Matches(await File.ReadAllTextAsync(host.Snippet, stop).ConfigureAwait(false)).Select(static found => found.Value)];
        if (files.Length == 0) return false;
        List<MarkedLine> marks = [];
        foreach (string socket in (string[])[_room.Before, host.JournalSocket])
        {
            if (!UnseenDirectory.IsAlive(socket)) continue;
            MarkedLine mark = new(files);
            mark.SendTo(new UnixDomainSocketEndPoint(socket));
            marks.Add(mark);
        }
        return await SwitchedHost.WaitAsync(() => marks.TrueForAll(static mark => mark.FoundIn() is not null), host.Patience, stop).ConfigureAwait(false);
    }

    [GeneratedRegex(@"/var/log/[\w./-]+")]
    private static partial Regex LogFile();
}
