namespace Concentrator.Tools.Doctor;

/// <summary>The systemd units that HAProxy's log lines depend on.</summary>
internal static class UnitNames
{
    public const string Service = "concentrator.service";

    public const string Socket = "concentrator.socket";

    public const string Haproxy = "haproxy.service";

    public const string Rsyslog = "rsyslog.service";
}
