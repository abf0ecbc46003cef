using Concentrator.Configuration.Loading;
using Microsoft.Extensions.Configuration;

namespace Concentrator.Configuration;

/// <summary>
/// Loads a configuration: a file (or the built-in default), on top of it environment variables, on top of those the
/// command line. Nothing is bound, opened for writing or looked up in DNS; certificate and key files are read and checked.
/// <para>
/// A variable <c>CONCENTRATOR__Outputs__sekoia__Endpoint</c> sets <c>Outputs:sekoia:Endpoint</c>. A shell's variables have
/// letters, digits and underscores only, so a name such as <c>haproxy.log</c> or <c>my-intake</c>, or one that contains two
/// underscores, is out of their reach (<c>env</c> and container files can set the first two): such keys are
/// overridden on the command line. Lists merge by position (<c>…__To__0</c>); one value with commas replaces the whole list.
/// </para>
/// </summary>
internal static class ConfigurationLoader
{
    /// <param name="file">A file that must be there; null means the default file if it exists, else the built-in default.</param>
    /// <param name="overrides">From the command line; a later one wins.</param>
    /// <param name="environment">Variables and default file.</param>
    public static ConfigurationResult Load(
        string? file, IReadOnlyList<ConfigurationOverride> overrides, ConfigurationEnvironment environment)
    {
        KeyOrigins origins = new();
        ConfigurationErrors errors = new(origins);
        string? chosen = file ?? (Path.Exists(environment.DefaultFile) ? environment.DefaultFile : null);
        string source = chosen ?? BuiltInDefaults.Source;

        List<KeyVariable> variables = KeyVariable.FindAll(environment, errors);
        ConfigurationBuilder builder = new();
        if (chosen is null)
        {
            bool relay = variables.Select(variable => variable.Path)
                .Concat(overrides.Select(given => given.Key))
                .Any(BuiltInDefaults.ConcernsRelay);
            builder.AddInMemoryCollection(BuiltInKeys(environment, relay, origins, errors));
        }
        else if (ConfigurationFile.Read(chosen, origins, errors) is byte[] content)
        {
            builder.AddJsonStream(new MemoryStream(content));
        }
        else
        {
            return ConfigurationResult.Invalid(source, errors.InOrder());
        }
        foreach (KeyVariable variable in variables)
        {
            origins.Record(variable.Path, $"environment variable {variable.Name}", null, Layer.Environment);
        }
        foreach (ConfigurationOverride given in overrides)
        {
            origins.Record(given.Key, $"argument {given}", null, Layer.CommandLine);
        }
        IConfigurationRoot root = builder
            .AddInMemoryCollection(variables.ToDictionary(variable => variable.Path, variable => (string?)variable.Value))
            .AddCommandLine([.. overrides.Select(given => $"--{given.Key}={given.Value}")])
            .Build();
        Protect(root, errors);

        string directory = chosen is null ? Directory.GetCurrentDirectory() : Path.GetDirectoryName(Path.GetFullPath(chosen))!;
        ServerOptions options = ServerReader.Read(new SectionReader(new LoadContext(errors, origins, directory), root));
        return errors.Count > 0
            ? ConfigurationResult.Invalid(source, errors.InOrder())
            : ConfigurationResult.Valid(source, options with { Warnings = errors.Warnings });
    }

    private static Dictionary<string, string?> BuiltInKeys(
        ConfigurationEnvironment environment, bool overridden, KeyOrigins origins, ConfigurationErrors errors)
    {
        string? intakeKey = environment.Variables.GetValueOrDefault(ConfigurationEnvironment.IntakeKeyVariable)?.Trim();
        bool relay = overridden || !string.IsNullOrEmpty(intakeKey);
        if (!relay)
        {
            errors.Warn(BuiltInDefaults.NoKeyWarning);
        }
        Dictionary<string, string?> keys = BuiltInDefaults.Keys(relay, intakeKey);
        foreach (string path in keys.Keys)
        {
            bool isKey = path.EndsWith($":{IntakeKeyReader.KeyKey}", StringComparison.Ordinal);
            origins.Record(path, isKey ? $"environment variable {ConfigurationEnvironment.IntakeKeyVariable}" : null, null, Layer.Base);
        }
        return keys;
    }

    private static void Protect(IConfigurationRoot root, ConfigurationErrors errors)
    {
        foreach ((string path, string? value) in root.AsEnumerable())
        {
            if (path.EndsWith($":{IntakeKeyReader.KeyKey}", StringComparison.OrdinalIgnoreCase))
            {
                errors.Protect(value);
            }
        }
    }
}
