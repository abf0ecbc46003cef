namespace Concentrator.Configuration.Loading;

/// <summary>
/// The configuration used when there is no file: HAProxy's chroot socket, its log file, and Sekoia.io when a key is given.
/// A layer of plain keys, read like a file, so that the environment and the command line apply on top of it.
/// </summary>
internal static class BuiltInDefaults
{
    /// <summary>Reported as the source in place of a file name.</summary>
    public const string Source = "built-in HAProxy default";

    public const string NoKeyWarning =
        $"{ConfigurationEnvironment.IntakeKeyVariable} is not set: messages are written to local files only, nothing is sent to Sekoia.io";

    private const string Relay = "Outputs:sekoia:";

    /// <summary>The keys of the built-in default.</summary>
    /// <param name="relay">Whether to include the relay.</param>
    /// <param name="intakeKey">Null or empty when the key comes from elsewhere.</param>
    /// <param name="logGroup">Group of a newly created log file; null = the process's own.</param>
    public static Dictionary<string, string?> Keys(bool relay, string? intakeKey, string? logGroup)
    {
        // No condition on the program: HAProxy's log-tag may be anything, and only HAProxy writes to this socket.
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
    /// Whether an override concerns the relay. Giving its key as a file (<c>CONCENTRATOR__Outputs__sekoia__IntakeKeyFile</c>)
    /// asks for the relay just as the variable does.
    /// </summary>
    public static bool ConcernsRelay(string key) => key.StartsWith(Relay, StringComparison.OrdinalIgnoreCase);
}
