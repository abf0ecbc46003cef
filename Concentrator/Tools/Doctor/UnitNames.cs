namespace Concentrator.Tools.Doctor;

/// <summary>The units that HAProxy's lines depend on, as systemd names them.</summary>
internal static class UnitNames
{
    public const string Service = "concentrator.service";

    public const string Socket = "concentrator.socket";

    public const string Haproxy = "haproxy.service";

    public const string Rsyslog = "rsyslog.service";
}
