using System.Net;
using System.Net.NetworkInformation;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>The paths and programs of the host that the checks examine. Tests replace them to plant faults.</summary>
internal sealed record ExaminedHost
{
    public string Proc { get; init; } = "/proc";

    /// <summary>Whether every process and file is visible to this user.</summary>
    public bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>Read when no HAProxy runs; otherwise its command line names the files.</summary>
    public string HaproxyConfig { get; init; } = "/etc/haproxy/haproxy.cfg";

    /// <summary>Run to get the version when no HAProxy runs.</summary>
    public string HaproxyProgram { get; init; } = "/usr/sbin/haproxy";

    /// <summary>systemd's unit directories, in order of precedence.</summary>
    public IReadOnlyList<string> UnitDirectories { get; init; } =
        ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    /// <summary>The path of a unit's own file; null when there is none.</summary>
    public string? UnitFile(string unit) => UnitDirectories.Select(directory => Path.Combine(directory, unit)).FirstOrDefault(File.Exists);

    /// <summary>Queried for the server's units. Reports nothing when it is missing or systemd does not run.</summary>
    public string Systemctl { get; init; } = "systemctl";

    /// <summary>Queried for the last log line of a unit that does not run.</summary>
    public string Journalctl { get; init; } = "journalctl";

    /// <summary>The addresses of this host, read on first use.</summary>
    public IReadOnlyList<IPAddress> Addresses { get => field ??= OwnAddresses(); init; }

    /// <summary>
    /// The command that restarts the server with newly created sockets. A socket unit keeps its sockets while the service restarts, and
    /// cannot be restarted while the service runs. So both are stopped, then started together.
    /// </summary>
    public string RestartServer => HasSocketUnit
        ? "systemctl stop concentrator.socket concentrator && systemctl start concentrator.socket concentrator"
        : "systemctl restart concentrator";

    /// <summary>The command that starts a stopped server, the socket unit first.</summary>
    public string StartServer => HasSocketUnit ? "systemctl start concentrator.socket concentrator" : "systemctl start concentrator";

    private bool HasSocketUnit => UnitFile(UnitNames.Socket) is not null;

    /// <summary>The command that applies what <c>--fix</c> wrote. The settings only affect sockets that are created afterwards.</summary>
    public string ApplySettings => $"sysctl --system && {RestartServer} && systemctl restart haproxy";

    /// <summary>The only file that <c>--fix</c> writes. Its directory is searched for kernel settings.</summary>
    public string SysctlFile { get; init; } = "/etc/sysctl.d/60-concentrator.conf";

    /// <summary>The kernel's clock state; null when it is unavailable.</summary>
    public ClockState? Clock { get; init; } = ClockCalls.State();

    private static IPAddress[] OwnAddresses()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(static device => device.GetIPProperties().UnicastAddresses).Select(static address => address.Address)];
        }
        catch (NetworkInformationException)
        {
            // A sandbox may hide the interfaces. Then only loopback is known to be local.
            return [];
        }
    }
}
