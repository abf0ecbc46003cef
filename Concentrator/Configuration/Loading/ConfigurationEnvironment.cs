using System.Collections;

namespace Concentrator.Configuration.Loading;

/// <summary>What the configuration reads from its environment; tests supply their own.</summary>
/// <param name="Variables">The environment variables, names unchanged.</param>
/// <param name="DefaultFile">The configuration file read, if it exists, when none is named.</param>
internal sealed record ConfigurationEnvironment(IReadOnlyDictionary<string, string> Variables, string DefaultFile)
{
    /// <summary>
    /// Variables with this prefix are configuration keys; the rest of the name is the key path, with <c>__</c> for <c>:</c>.
    /// </summary>
    public const string Prefix = "CONCENTRATOR__";

    /// <summary>The configuration file of a host, read where no other is named.</summary>
    public const string StandardFile = "/etc/concentrator/concentrator.json";

    /// <summary>The <c>intakes.yaml</c> of a container, read where there is no configuration file.</summary>
    public const string StandardIntakes = "/intakes.yaml";

    /// <summary>Variable with the intake key of the built-in default's relay. One underscore: not a configuration key.</summary>
    public const string IntakeKeyVariable = "CONCENTRATOR_INTAKE_KEY";

    /// <summary>Sekoia.io's <c>intakes.yaml</c>, read if it exists and there is no other configuration; null = not looked for.</summary>
    public string? DefaultIntakes { get; init; }

    /// <summary>Where the certificate files that an <c>intakes.yaml</c> names are mounted.</summary>
    public string CertificatesFolder { get; init; } = "/certs";

    /// <summary>
    /// The group that may read the log file of the built-in default, if the group exists; rsyslog does the same on Debian. Null = the
    /// process's own.
    /// </summary>
    public string? LogGroup { get; init; }

    /// <summary>This process's environment and the standard files.</summary>
    public static ConfigurationEnvironment Current()
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        }
        return new ConfigurationEnvironment(variables, StandardFile)
        {
            DefaultIntakes = StandardIntakes,
            // Only root may give a file to any group.
            LogGroup = Environment.IsPrivilegedProcess ? "adm" : null,
        };
    }
}
