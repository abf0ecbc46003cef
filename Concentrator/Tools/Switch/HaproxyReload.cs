using System.Globalization;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>
/// Checks a configuration and reloads HAProxy. The check runs on a copy, in which ring files have other names, because <c>haproxy -c</c>
/// renames the file of a ring that the running process writes to (findings/haproxy-check-renames-ring-file.sh).
/// </summary>
internal sealed class HaproxyReload(SwitchedHost host)
{
    /// <exception cref="SwitchFailure">HAProxy rejects the configuration; the message has its output.</exception>
    /// <param name="files">All files that HAProxy reads, in its order.</param>
    /// <param name="changed">The new texts of the files that change.</param>
    /// <param name="stop">Cancels the check.</param>
    public async Task CheckAsync(IReadOnlyList<string> files, IReadOnlyDictionary<string, string> changed, CancellationToken stop)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("concentrator-check-");
        try
        {
            List<string> arguments = ["-c"];
            foreach (string file in files)
            {
                string copy = Path.Combine(directory.FullName, string.Create(CultureInfo.InvariantCulture, $"{arguments.Count}.cfg"));
                string text = changed.GetValueOrDefault(file) ?? await File.ReadAllTextAsync(file, stop).ConfigureAwait(false);
                await File.WriteAllTextAsync(copy, WithoutRingFiles(text, directory.FullName), stop).ConfigureAwait(false);
                arguments.AddRange(["-f", copy]);
            }
            await host.RequireAsync(host.Examined.HaproxyProgram, arguments, stop).ConfigureAwait(false);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Reloads HAProxy, and waits for a worker that has read the new files and is in its chroot.</summary>
    /// <param name="hasRingFiles">Whether to skip the unit's own reload, because it checks the live files.</param>
    /// <param name="stop">Cancels the wait.</param>
    /// <exception cref="SwitchFailure">No new worker appears.</exception>
    public async Task ReloadAsync(bool hasRingFiles, CancellationToken stop)
    {
        HashSet<int> before = [.. WorkerViews.Workers(host).Select(static worker => worker.Pid)];
        if (hasRingFiles) await host.SystemctlAsync(stop, "kill", "--signal=USR2", "--kill-who=main", UnitNames.Haproxy).ConfigureAwait(false);
        else await host.SystemctlAsync(stop, "reload", UnitNames.Haproxy).ConfigureAwait(false);
        if (!await SwitchedHost.WaitAsync(() => WorkerViews.Workers(host).Any(worker => !before.Contains(worker.Pid) && worker.IsInItsChroot), host.Patience, stop).ConfigureAwait(false))
            throw new SwitchFailure($"HAProxy was reloaded but has no new worker: systemctl status {UnitNames.Haproxy}");
    }

    /// <summary>Waits until the workers that read the former files have ended. Each ends with its last connection.</summary>
    /// <exception cref="SwitchFailure">A former worker is still running at the deadline.</exception>
    public async Task AwaitFormerWorkersAsync(CancellationToken stop)
    {
        if (await SwitchedHost.WaitAsync(() => WorkerViews.Workers(host).Count <= 1, host.WorkerPatience, stop).ConfigureAwait(false)) return;
        HaproxyProcess former = WorkerViews.Workers(host)[0];
        throw new SwitchFailure(FormattableString.Invariant(
            $"HAProxy's former worker (pid {former.Pid}) still has connections and still logs the old way; try again when it has ended (hard-stop-after in haproxy.cfg limits the time)"));
    }

    /// <summary>
    /// Reloads HAProxy if a worker has started while the directory covered the chroot. Such a worker has the directory for its root, and loses its lines once
    /// that is removed.
    /// </summary>
    /// <exception cref="SwitchFailure">Such a worker is still running at the deadline.</exception>
    public async Task FreeAsync(UnseenDirectory room, CancellationToken stop)
    {
        if (Caught(room) is not { } caught) return;
        await ReloadAsync(caught.Config.RingFiles.Count > 0, stop).ConfigureAwait(false);
        if (await SwitchedHost.WaitAsync(() => Caught(room) is null, host.WorkerPatience, stop).ConfigureAwait(false)) return;
        throw new SwitchFailure(FormattableString.Invariant(
            $"HAProxy was reloaded while the switch covered its chroot, and that worker (pid {Caught(room)?.Pid}) still has connections; try again when it has ended (hard-stop-after in haproxy.cfg limits the time)"));
    }

    private HaproxyProcess? Caught(UnseenDirectory room) => WorkerViews.Workers(host).FirstOrDefault(worker => room.IsRootOf(worker));

    private static string WithoutRingFiles(string text, string directory)
    {
        int count = 0;
        return string.Join('\n', text.Split('\n').Select(line => HaproxyWords.Split(line) is ["backing-file", ..]
            ? string.Create(CultureInfo.InvariantCulture, $"    backing-file {directory}/ring{count++}")
            : line));
    }
}
