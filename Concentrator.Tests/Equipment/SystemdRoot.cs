using System.Globalization;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A Debian that a real systemd has booted, in a container with a network of its own: what <c>packaging/debian-root</c> made, below a
/// file system in memory that takes every change and is gone with it. Needs root and systemd-nspawn. Any thread may call.
/// </summary>
internal sealed class SystemdRoot : IDisposable
{
    /// <summary>Names the directory of the roots, one a suite, in the environment.</summary>
    private const string RootsVariable = "CONCENTRATOR_TEST_ROOTS";

    /// <summary>
    /// A control group of its own, or else two containers would see each other's; then nspawn, which needs no login manager here. Debian
    /// 13 wants to be told that a host's old control groups will do.
    /// </summary>
    private const string Boot = """
        for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
          [ -e $hierarchy/cgroup.procs ] || continue
          mkdir -p $hierarchy/$0 && echo $$ >$hierarchy/$0/cgroup.procs
        done
        SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 exec systemd-nspawn -D "$1" --machine=$0 --volatile=overlay --boot \
          --register=no --keep-unit --private-network --console=pipe
        """;

    private static int _count;

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"concentrator-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
    private readonly PeerProcess _nspawn;
    private readonly int _init;

    private SystemdRoot(string root)
    {
        _nspawn = PeerProcess.Start(new PeerStart
        {
            Path = Peer.Require("sh", "dash"),
            Arguments = ["-c", Boot, _name, root],
        });
        int init = 0;
        _nspawn.WaitUntilReadyOrDispose(() => (init = FindInit()) != 0, "its init runs", this);
        _init = init;
        _nspawn.WaitUntilReadyOrDispose(() => Try("systemctl", "is-system-running").Output.Trim() is "running" or "degraded", "it is booted", this);
    }

    /// <summary>Boots it; ignores the test where there is no such root, which in CI is a failure.</summary>
    /// <param name="suite">Of Debian: <c>bookworm</c>, <c>trixie</c>.</param>
    public static SystemdRoot Start(string suite)
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root boots a container");
        Peer.Require("systemd-nspawn", "systemd-container");
        Peer.Require("nsenter", "util-linux");
        string root = Path.Combine(Environment.GetEnvironmentVariable(RootsVariable) ?? "", suite);
        if (Directory.Exists(Path.Combine(root, "usr"))) return new SystemdRoot(Path.GetFullPath(root));
        Peer.CannotRun($"no root of {suite}: packaging/debian-root {suite} DIR/{suite}, and {RootsVariable}=DIR");
        return null!;
    }

    /// <summary>Where a path of the container is for us. Not for paths with absolute links in them.</summary>
    public string this[string path] => $"/proc/{_init}/root{path}";

    public string Read(string path) => File.Exists(this[path]) ? File.ReadAllText(this[path]) : "";

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.WriteAllText(this[path], text);
    }

    /// <summary>Runs a shell's script inside, as root, to its end; fails the test unless it exits 0.</summary>
    /// <returns>What it wrote on stdout.</returns>
    public string Run(string script)
    {
        (int exitCode, string output, string errors) = Try("sh", "-ec", script);
        Assert.That(exitCode, Is.Zero, $"{script}\n{output}{errors}");
        return output;
    }

    /// <summary>Runs a program inside to its end.</summary>
    public (int ExitCode, string Output, string Errors) Try(params string[] command) => PeerProcess.Run(
        new PeerStart
        {
            Path = Peer.Require("nsenter", "util-linux"),
            Arguments =
            [
                "--target", _init.ToString(CultureInfo.InvariantCulture), "--all", "--", "env", "-i",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C", "DEBIAN_FRONTEND=noninteractive", .. command,
            ],
        },
        within: Deadline.Transfer);

    /// <summary>Starts a program of this machine in the container's network, with our own files.</summary>
    public PeerProcess StartInNetwork(PeerStart start) => PeerProcess.Start(start with
    {
        Path = Peer.Require("nsenter", "util-linux"),
        Arguments = ["--target", _init.ToString(CultureInfo.InvariantCulture), "--net", "--", start.Path, .. start.Arguments],
    });

    /// <summary>A property of a unit.</summary>
    public string Show(string unit, string property) => Try("systemctl", "show", "--property", property, "--value", unit).Output.Trim();

    /// <summary>Waits until a unit's property has the value.</summary>
    public void WaitFor(string unit, string property, string value) => Eventually.Holds(
        () => Show(unit, property) == value, $"{unit} has {property}={value}", Deadline.Process, () => Describe(unit));

    /// <summary>What an assertion shows about a unit.</summary>
    public string Describe(string unit) => Try("systemctl", "status", "--no-pager", "--full", "--lines=30", unit).Output;

    public void Dispose()
    {
        // Its init is the first of its processes: all others end with it. What they wrote was in memory.
        if (FindInit() is > 0 and int init) Signals.Send(init, Signal.Kill);
        Eventually.TryHold(() => _nspawn.HasExited, Deadline.Process);
        _nspawn.Dispose();
        foreach (string hierarchy in (string[])["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"]) Remove($"{hierarchy}/{_name}");
        Remove($"/run/systemd/nspawn/propagate/{_name}");
    }

    /// <summary>nspawn's child that is the first process of a process namespace of its own; 0 while there is none.</summary>
    private int FindInit()
    {
        foreach (ProcessTree.Member child in ProcessTree.Descendants(_nspawn.Pid))
        {
            try
            {
                string[] ids = File.ReadLines($"/proc/{child.Pid}/status").First(static line => line.StartsWith("NSpid:", StringComparison.Ordinal)).Split('\t');
                if (ids.Length == 3 && ids[2] == "1") return child.Pid;
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }
        return 0;
    }

    /// <summary>Directories of the kernel's: files in them come and go with them.</summary>
    private static void Remove(string directory)
    {
        if (!Directory.Exists(directory)) return;
        foreach (string below in Directory.GetDirectories(directory)) Remove(below);
        Eventually.TryHold(
            () =>
            {
                try
                {
                    Directory.Delete(directory);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            Deadline.Reaction);
    }
}
