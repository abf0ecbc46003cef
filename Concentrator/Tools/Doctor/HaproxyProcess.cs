using System.Globalization;
using System.Text.RegularExpressions;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>A running HAProxy process that serves traffic and sends logs: a worker, not the master.</summary>
internal sealed partial class HaproxyProcess
{
    private readonly string _proc;
    private readonly int? _master;
    private readonly int _threads;

    private HaproxyProcess(string proc, int pid, int? master)
    {
        _proc = proc;
        _master = master;
        Pid = pid;
        string status = ProcFile.TryRead(ProcFile.Of(proc, pid, "status")) ?? "";
        Account = Account.OfProcess(status);
        _threads = int.TryParse(ProcFile.Field(status, "Threads"), NumberStyles.None, CultureInfo.InvariantCulture, out int running) ? running : 1;
    }

    public int Pid { get; }

    /// <summary>The account that the worker runs as; null when it cannot be seen.</summary>
    public Account? Account { get; }

    /// <summary>The number of threads that send logs. Each has its own socket.</summary>
    public int Threads => Config.Threads ?? _threads;

    /// <summary>The files of its <c>-f</c> arguments. Read on first use: waiting for a worker lists them many times a second.</summary>
    public HaproxyConfig Config => field ??= ReadConfig();

    /// <summary>Its root directory from outside, without a trailing slash; the configured chroot when access is denied.</summary>
    public string Outside => (ProcFile.TryFollow(Root) ?? Config.Chroot ?? "").TrimEnd('/');

    /// <summary>The prefix that resolves its paths as it sees them, with its chroot and mounts.</summary>
    public string Root => ProcFile.Of(_proc, Pid, "root");

    /// <summary>
    /// Whether it has changed its root as configured. A worker does so after the fork, so one that has just appeared may not have, and its root is then
    /// whatever is at the chroot's path by that time. True without a chroot, and where its path cannot be seen (it may have an environment variable in it).
    /// </summary>
    public bool IsInItsChroot => Config.Chroot is not { } chroot
        || FileCalls.Identify($"{MasterRoot}{chroot}/.") is not { } configured
        || FileCalls.Identify($"{Root}/.") == configured;

    /// <summary>
    /// Whether its root is a directory that is no longer at the chroot's path, because that was replaced after the worker had started. False while it is not
    /// known, and before the worker changes its root.
    /// </summary>
    public bool HasFormerChroot => !IsInItsChroot && FileCalls.Identify($"{Root}/.") is { } root && root != FileCalls.Identify($"{MasterRoot}/.");

    /// <summary>Its mounts, in the format of mountinfo(5); null when it has ended or access is denied.</summary>
    public string? Mounts => ProcFile.TryRead(ProcFile.Of(_proc, Pid, "mountinfo"));

    /// <summary>The program that it runs, even if the file has been replaced since.</summary>
    public string Program => ProcFile.Of(_proc, Pid, "exe");

    /// <summary>All workers that run now.</summary>
    public static IReadOnlyList<HaproxyProcess> FindAll(string proc)
    {
        int[] all = [.. ProcFile.Pids(proc).Where(pid => ProcFile.Name(proc, pid) == "haproxy")];
        Dictionary<int, int> parents = all.ToDictionary(static pid => pid, pid => Parent(proc, pid));
        return [.. all.Where(pid => !parents.ContainsValue(pid))
            .Order()
            .Select(pid => new HaproxyProcess(proc, pid, parents.ContainsKey(parents[pid]) ? parents[pid] : null))];
    }

    /// <summary>The version that <c>PROGRAM -v</c> prints, as far as it can be compared; null when it prints none.</summary>
    public static async Task<Version?> VersionOfAsync(string program, CancellationToken stop)
    {
        Match number = VersionNumber().Match(await ProgramOutput.OfAsync(program, ["-v"], stop).ConfigureAwait(false) ?? "");
        return number.Success ? Version.Parse(number.Groups[1].ValueSpan) : null;
    }

    private static int Parent(string proc, int pid) =>
        int.TryParse(ProcFile.Field(ProcFile.TryRead(ProcFile.Of(proc, pid, "status")) ?? "", "PPid"), NumberStyles.None, CultureInfo.InvariantCulture, out int parent)
            ? parent : 0;

    /// <summary>Reads the files in the master's root, because a worker's is its chroot. Without access, this host's is used.</summary>
    private HaproxyConfig ReadConfig() => HaproxyConfig.Read(ConfigFiles(_proc, _master ?? Pid), MasterRoot);

    /// <summary>The prefix that resolves paths as the master sees them; empty for this host's, without a master or access to it.</summary>
    private string MasterRoot => _master is { } master && ProcFile.Of(_proc, master, "root") is { } root && ProcFile.TryFollow(root) is not null ? root : "";

    private static string[] ConfigFiles(string proc, int pid)
    {
        string[] words = ProcFile.CommandLine(proc, pid);
        int rest = Array.IndexOf(words, "--");
        IEnumerable<string> files = words.Index().Where(word => word.Index > 0 && words[word.Index - 1] == "-f").Select(static word => word.Item);
        if (rest >= 0) files = files.Concat(words[(rest + 1)..]);

        int change = Array.IndexOf(words, "-C");
        string directory = ProcFile.TryFollow(ProcFile.Of(proc, pid, "cwd")) ?? "/";
        if (change >= 0 && change + 1 < words.Length) directory = Path.Combine(directory, words[change + 1]);
        return [.. files.Select(file => Path.GetFullPath(file, directory))];
    }

    [GeneratedRegex(@"HA-?Proxy version (\d+\.\d+(?:\.\d+)?)")]
    private static partial Regex VersionNumber();
}
