namespace Concentrator.Configuration.Loading;

/// <summary>
/// The configuration of a machine that has no file: HAProxy's chroot socket, its log file, and Sekoia.io when there is a
/// key. It is a layer of plain keys, read like any file, so that environment and command line apply on top of it.
/// </summary>
internal static class BuiltInDefaults
{
    /// <summary>What stands for the file's name in results.</summary>
    public const string Source = "built-in HAProxy default";

    public const string NoKeyWarning =
        $"{ConfigurationEnvironment.IntakeKeyVariable} is not set: logs stay on this machine and nothing is sent to Sekoia.io";

    private const string Relay = "Outputs:sekoia:";

    /// <summary>The keys of the default, with the relay in them if <paramref name="relay"/>.</summary>
    /// <param name="relay">Whether there is one.</param>
    /// <param name="intakeKey">Null or empty when it comes by another way.</param>
    /// <param name="logGroup">Of a new log file; null = the process's own.</param>
    public static Dictionary<string, string?> Keys(bool relay, string? intakeKey, string? logGroup)
    {
        // No condition on the program: whatever HAProxy's log-tag says, what arrives at its socket is HAProxy's.
        Dictionary<string, string?> keys = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Listeners:haproxy:Address"] = "unix-dgram:/var/lib/haproxy/dev/log",
            ["Listeners:haproxy:Mode"] = "0666",
            ["Outputs:haproxy.log:Type"] = "file",
            ["Outputs:haproxy.log:Path"] = "/var/log/haproxy.log",
            ["Routes:0:From:0"] = "haproxy",
            ["Routes:0:To:0"] = "haproxy.log",
        };
        if (logGroup is not null)
        {
            keys["Outputs:haproxy.log:Group"] = logGroup;
        }
        if (relay)
        {
            keys[$"{Relay}Type"] = "syslog-tls";
            keys[$"{Relay}Endpoint"] = "intake.sekoia.io:10514";
            keys[$"{Relay}Format"] = "sekoia";
            keys["Routes:0:To:1"] = "sekoia";
        }
        if (!string.IsNullOrEmpty(intakeKey))
        {
            keys[$"{Relay}IntakeKey"] = intakeKey;
        }
        return keys;
    }

    /// <summary>
    /// Whether an override speaks of the relay: someone who gives its key as a file
    /// (<c>CONCENTRATOR__Outputs__sekoia__IntakeKeyFile</c>) wants it as much as someone who sets the variable.
    /// </summary>
    public static bool ConcernsRelay(string key) => key.StartsWith(Relay, StringComparison.OrdinalIgnoreCase);
}
