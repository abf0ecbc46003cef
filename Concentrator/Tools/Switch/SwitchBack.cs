using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>Prepares for HAProxy's lines to go to rsyslog or the journal again, and verifies that they do.</summary>
internal sealed class SwitchBack(SwitchedHost host, SwitchJournal journal)
{
    /// <summary>HAProxy's lines that rsyslog would not read and that no journal entry undoes.</summary>
    public IReadOnlyList<LineChange> LinesInTheWay()
    {
        if (!journal.Place.IsContended || journal.Entries.Any(static entry => entry.Step == HaproxyConfigStep.StepName)) return [];
        return journal.Entries.Any(static entry => entry.Step == PathStep.StepName) ? HaproxyEdit.ForRsyslog(WorkerViews.Read(host), journal.Place) : [];
    }

    /// <summary>Changes the lines, with a backup beside each file, and waits until no worker logs in the former format.</summary>
    public async Task ChangeAsync(IReadOnlyList<LineChange> changes, CancellationToken stop)
    {
        HaproxyConfig read = WorkerViews.Read(host);
        HaproxyReload reload = new(host);
        Dictionary<string, string> texts = HaproxyEdit.Apply(changes);
        await reload.CheckAsync(read.Files, texts, stop).ConfigureAwait(false);
        foreach ((string file, string text) in texts)
        {
            File.Copy(file, $"{file}.before-way-back", overwrite: true);
            await File.WriteAllTextAsync(file, text, stop).ConfigureAwait(false);
        }
        await reload.ReloadAsync(read.RingFiles.Count > 0, stop).ConfigureAwait(false);
        await reload.AwaitFormerWorkersAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Finds a marked line in rsyslog's file; null when rsyslog does not run or has no file for HAProxy.</summary>
    public async Task<string?> ProveAsync(CancellationToken stop)
    {
        const string LogFile = "/var/log/haproxy.log";
        if (!journal.Place.IsContended || ProcFile.TryRead(host.Snippet)?.Contains(LogFile, StringComparison.Ordinal) != true
            || WorkerViews.Workers(host).Count == 0
            || !await host.IsAsync("is-active", UnitNames.Rsyslog, stop).ConfigureAwait(false)) return null;
        MarkedLine mark = new([LogFile]);
        HaproxyProcess worker = await WorkerViews.NewestAsync(host, stop).ConfigureAwait(false);
        mark.SendTo(journal.Place.SeenBy(worker));
        return await SwitchedHost.WaitAsync(() => mark.FoundIn() is not null, host.Patience, stop).ConfigureAwait(false)
            ? $"A marked line sent to {journal.Place.Address} as HAProxy sees it is in {LogFile}, written by rsyslog."
            : throw new SwitchFailure($"a marked line sent to {journal.Place.Address} is not in {LogFile}: journalctl --unit {UnitNames.Rsyslog}");
    }
}
