using Concentrator.Native;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// The configuration used when there is no file: HAProxy's chroot socket, its log file, and Sekoia.io when a key is given.
/// A layer of plain keys, read like a file, so that the environment and the command line apply on top of it.
/// </summary>
/// <param name="environment">May hold the intake key and name the group of a newly created log file.</param>
/// <param name="concernsRelay">
/// Whether an override concerns the relay (<see cref="ConcernsRelay"/>). Giving its key as a file
/// (<c>CONCENTRATOR__Outputs__sekoia__IntakeKeyFile</c>) asks for the relay just as the variable does.
/// </param>
/// <param name="origins">Records the origin of every key.</param>
/// <param name="errors">Receives the warning that there is no relay.</param>
internal sealed class BuiltInConfigurationProvider(
    ConfigurationEnvironment environment, bool concernsRelay, KeyOrigins origins, ConfigurationErrors errors) : LayerProvider(origins)
{
    /// <summary>Reported as the source in place of a file name.</summary>
    public const string Source = "built-in HAProxy default";

    /// <summary>The socket that HAProxy reaches from its chroot, as Debian sets it up.</summary>
    public const string HaproxySocket = "unix-dgram:/var/lib/haproxy/dev/log";

    public const string NoKeyWarning =
        $"{ConfigurationEnvironment.IntakeKeyVariable} is not set: messages are written to local files only, nothing is sent to Sekoia.io";

    private const string Relay = "Outputs:sekoia:";

    public static bool ConcernsRelay(string key) => key.StartsWith(Relay, StringComparison.OrdinalIgnoreCase);

    protected override bool Read()
    {
        // No condition on the program: HAProxy's log-tag may be anything, and only HAProxy writes to this socket.
        Set("Listeners:haproxy:Address", HaproxySocket);
        Set("Outputs:haproxy.log:Type", "file");
        Set("Outputs:haproxy.log:Path", "/var/log/haproxy.log");
        Set("Routes:0:From:0", "haproxy");
        Set("Routes:0:To:0", "haproxy.log");
        if (environment.LogGroup is string group && Accounts.TryFindGroup(group, out _))
        {
            Set("Outputs:haproxy.log:Group", group);
        }
        string? intakeKey = environment.Variables.GetValueOrDefault(ConfigurationEnvironment.IntakeKeyVariable)?.Trim();
        if (string.IsNullOrEmpty(intakeKey) && !concernsRelay)
        {
            errors.Warn(NoKeyWarning);
            return true;
        }
        Set($"{Relay}Type", "syslog-tls");
        Set($"{Relay}Endpoint", "intake.sekoia.io:10514");
        Set($"{Relay}Format", "sekoia");
        Set("Routes:0:To:1", "sekoia");
        if (!string.IsNullOrEmpty(intakeKey))
        {
            Set($"{Relay}{IntakeKeyReader.KeyKey}", intakeKey, $"environment variable {ConfigurationEnvironment.IntakeKeyVariable}", null, Layer.Base);
        }
        return true;
    }

    public override void Set(string key, string? value) => Set(key, value, null, null, Layer.Base);
}
