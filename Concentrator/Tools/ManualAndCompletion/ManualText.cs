using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;

namespace Concentrator.Tools.ManualAndCompletion;

/// <summary>The parts of the manual page that are not in the commands' descriptions.</summary>
internal static class ManualText
{
    public static readonly string[] Description =
    [
        "Replaces rsyslog at the socket that HAProxy logs to. It listens on unix sockets, UDP, TCP and TLS, writes log files, and relays "
            + "to Sekoia.io or any RFC 5425 receiver. Every message received is either delivered or counted as dropped, with a reason.",
        "Without a command, run is executed.",
    ];

    /// <summary>Sections, each a list of terms with their meanings.</summary>
    public static readonly (string Heading, (string Term, string Meaning)[] Terms)[] Sections =
    [
        ("FILES",
        [
            (ConfigurationEnvironment.StandardFile, $"The configuration file, unless --config names another. If it does not exist: {ConfigurationEnvironment.StandardIntakes} if that "
                + "exists, otherwise a built-in configuration that writes from HAProxy's socket to /var/log/haproxy.log."),
            ("/etc/concentrator/conf.d/*.json", "Read after the configuration file in the same directory, in the order of their names; they add keys and "
                + "override them."),
            (SpoolOptions.DefaultDirectory, "Messages not yet delivered by the relays, and messages received but not yet stored (Spool:Directory)."),
            ("/usr/share/doc/concentrator/docs", "The full documentation: every key, every metric, how to switch from rsyslog and back."),
        ]),
        ("ENVIRONMENT",
        [
            ("CONCENTRATOR__Section__Key", "Sets the configuration key Section:Key. It overrides the files, and --Section:Key=value overrides it."),
            (ConfigurationEnvironment.IntakeKeyVariable, "Sekoia.io intake key for the built-in configuration, which then also relays to Sekoia.io."),
        ]),
        ("SIGNALS",
        [
            ("SIGTERM, SIGINT", "Stop: stop reading, deliver queued messages for at most ShutdownTimeout, leave the rest on disk."),
            ("SIGHUP", "Reopen the output files and reload the configuration. If it is invalid, its errors are reported and the old one stays in force."),
        ]),
        ("EXIT STATUS",
        [
            ("0", "Success, or stopped on request."),
            ("1", "The configuration is invalid, or a check found a problem."),
            ("2", "An address cannot be bound, a take-over was refused, or an argument is invalid."),
        ]),
    ];

    /// <summary>The related manual pages.</summary>
    public static readonly (string Name, string Section)[] SeeAlso = [("haproxy", "1"), ("rsyslogd", "8"), ("systemctl", "1")];
}
