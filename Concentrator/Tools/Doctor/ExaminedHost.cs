using System.Net;
using System.Net.NetworkInformation;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>Where this host keeps what is looked at; a test plants its faults elsewhere.</summary>
internal sealed record ExaminedHost
{
    public string Proc { get; init; } = "/proc";

    /// <summary>Whether we may see all of it.</summary>
    public bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>Read when no HAProxy runs whose command line would say.</summary>
    public string HaproxyConfig { get; init; } = "/etc/haproxy/haproxy.cfg";

    /// <summary>Asked for its version when no HAProxy runs.</summary>
    public string HaproxyProgram { get; init; } = "/usr/sbin/haproxy";

    /// <summary>Of systemd, the first wins.</summary>
    public IReadOnlyList<string> UnitDirectories { get; init; } =
        ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    /// <summary>Where a unit's own file is; null where there is none.</summary>
    public string? UnitFile(string unit) => UnitDirectories.Select(directory => Path.Combine(directory, unit)).FirstOrDefault(File.Exists);

    /// <summary>Asked for our units; no finding where it is not there or no systemd runs.</summary>
    public string Systemctl { get; init; } = "systemctl";

    /// <summary>Asked for the last line of a unit that does not run.</summary>
    public string Journalctl { get; init; } = "journalctl";

    /// <summary>Which addresses lead to this host; asked for when they are needed first.</summary>
    public IReadOnlyList<IPAddress> Addresses { get => field ??= OwnAddresses(); init; }

    /// <summary>
    /// The command that starts the server anew with sockets that are made anew. A socket unit keeps its sockets while the service is restarted,
    /// and cannot be restarted while the service runs: both are stopped, and started together.
    /// </summary>
    public string RestartServer => HasSocketUnit
        ? "systemctl stop concentrator.socket concentrator && systemctl start concentrator.socket concentrator"
        : "systemctl restart concentrator";

    /// <summary>The command that starts what does not run, and the socket first.</summary>
    public string StartServer => HasSocketUnit ? "systemctl start concentrator.socket concentrator" : "systemctl start concentrator";

    private bool HasSocketUnit => UnitFile(UnitNames.Socket) is not null;

    /// <summary>Makes what <c>--fix</c> wrote count: it does for sockets that are made afterwards.</summary>
    public string ApplySettings => $"sysctl --system && {RestartServer} && systemctl restart haproxy";

    /// <summary>The one file that <c>--fix</c> writes; its directory is where kernel settings are looked for.</summary>
    public string SysctlFile { get; init; } = "/etc/sysctl.d/60-concentrator.conf";

    /// <summary>What the kernel says of the clock; null when it does not.</summary>
    public ClockState? Clock { get; init; } = ClockCalls.State();

    private static IPAddress[] OwnAddresses()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(static device => device.GetIPProperties().UnicastAddresses).Select(static address => address.Address)];
        }
        catch (NetworkInformationException)
        {
            // A sandbox may hide them: then loopback alone is known to be here.
            return [];
        }
    }
}
