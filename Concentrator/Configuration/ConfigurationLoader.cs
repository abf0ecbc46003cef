using Concentrator.Configuration.Intakes;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Microsoft.Extensions.Configuration;

namespace Concentrator.Configuration;

/// <summary>
/// Loads a configuration: a file and those of <c>conf.d</c> beside it (<see cref="JsonProvider"/>), an <c>intakes.yaml</c>
/// (<see cref="IntakesProvider"/>) or the built-in default (<see cref="BuiltInConfigurationProvider"/>); environment variables override that, and the
/// command line overrides both (<see cref="OverridesProvider"/>). Certificate and key files are read and checked, but nothing is
/// bound, opened for writing or looked up in DNS.
/// <para>
/// A variable <c>CONCENTRATOR__Outputs__sekoia__Endpoint</c> sets <c>Outputs:sekoia:Endpoint</c>. A shell's variables hold only
/// letters, digits and underscores, so they cannot reach a name such as <c>haproxy.log</c> or <c>my-intake</c> (<c>env</c> and
/// container files can), or one with two underscores; the command line can. Variables and arguments set elements of a list by
/// position (<c>…__To__0</c>); one value with commas replaces the whole list.
/// </para>
/// </summary>
internal static class ConfigurationLoader
{
    /// <param name="file">A file that must exist; null means the default file if it exists, else <paramref name="intakes"/>.</param>
    /// <param name="overrides">From the command line; a later one wins.</param>
    /// <param name="environment">Variables and default files.</param>
    /// <param name="intakes">
    /// An <c>intakes.yaml</c> that must exist and takes precedence over any default; must not be combined with a file. Null means the
    /// default one if it exists, else the built-in default.
    /// </param>
    /// <returns>
    /// The options or the errors. An unexpected exception is an error too: a reload then keeps the running configuration, and a start
    /// reports it. The exception's message may hold a secret and is not shown.
    /// </returns>
    public static ConfigurationResult Load(
        string? file, IReadOnlyList<ConfigurationOverride> overrides, ConfigurationEnvironment environment, string? intakes = null)
    {
        try
        {
            return Read(file, overrides, environment, intakes);
        }
        catch (Exception unforeseen)
        {
            string source = file ?? intakes ?? BuiltInConfigurationProvider.Source;
            string place = unforeseen.StackTrace?.Split('\n')[0].Trim() ?? "at an unknown location";
            string problem = $"cannot be loaded: {unforeseen.GetType().Name} {place}; this is a bug, please report it with this line";
            return ConfigurationResult.Invalid(
                source, [new ConfigurationError(source, null, Problem.OneLine(problem))], null, MonitoringOptions.Default, SpoolOptions.DefaultDirectory);
        }
    }

    private static ConfigurationResult Read(
        string? file, IReadOnlyList<ConfigurationOverride> overrides, ConfigurationEnvironment environment, string? intakes)
    {
        KeyOrigins origins = new();
        ConfigurationErrors errors = new(origins);
        Choose(environment, errors, ref file, ref intakes);
        string source = file ?? intakes ?? BuiltInConfigurationProvider.Source;
        List<KeyVariable> variables = KeyVariable.FindAll(environment, errors);
        bool concernsRelay = variables.Select(static variable => variable.Path).Concat(overrides.Select(static given => given.Key)).Any(BuiltInConfigurationProvider.ConcernsRelay);
        LayerProvider chosen = intakes is not null ? new IntakesProvider(intakes, environment, origins, errors)
            : file is not null ? new JsonProvider(file, origins, errors)
            : new BuiltInConfigurationProvider(environment, concernsRelay, origins, errors);
        IConfigurationRoot root = new ConfigurationBuilder().Add(chosen).Add(new OverridesProvider(variables, overrides, origins)).Build();
        byte[]? readIntakes = (chosen as IntakesProvider)?.Content;
        if (!chosen.IsRead) return Unread(source, errors, readIntakes, root);
        Protect(root, errors);

        string directory = (file ?? intakes) is string path ? Path.GetDirectoryName(Path.GetFullPath(path))! : Directory.GetCurrentDirectory();
        ServerOptions options = ServerReader.Read(new SectionReader(new LoadContext(errors, origins, directory) { Variables = environment.Variables }, root));
        return errors.Count > 0
            ? ConfigurationResult.Invalid(source, errors.InOrder(), readIntakes, options.Monitoring, options.Spool.Directory)
            : ConfigurationResult.Valid(source, options with { Warnings = errors.Warnings }, readIntakes, (chosen as JsonProvider)?.DropIns ?? []);
    }

    /// <summary>The result for a file that cannot be read: the status pages and the spool are those of variables and arguments.</summary>
    private static ConfigurationResult Unread(string source, ConfigurationErrors errors, byte[]? readIntakes, IConfigurationRoot root)
    {
        KeyOrigins nowhere = new();
        SectionReader known = new(new LoadContext(new ConfigurationErrors(nowhere), nowhere, ""), root);
        return ConfigurationResult.Invalid(
            source, errors.InOrder(), readIntakes, MonitoringReader.Read(known, []), ServerReader.ReadSpool(known.Object("Spool")).Directory);
    }

    /// <summary>
    /// Chooses what to read. A default file wins over default intakes: the image contains none, so someone added it on purpose. Warns
    /// of an existing file that is not read because of this choice.
    /// </summary>
    private static void Choose(ConfigurationEnvironment environment, ConfigurationErrors errors, ref string? file, ref string? intakes)
    {
        if (file is not null || intakes is not null) return;
        if (Path.Exists(environment.DefaultFile))
        {
            file = environment.DefaultFile;
            if (Path.Exists(environment.DefaultIntakes))
            {
                errors.Warn($"{environment.DefaultIntakes}: is not read because {file} exists; use --intakes to read it instead");
            }
        }
        else
        {
            if (DropInFolder.FilesAfter(environment.DefaultFile).TryGet(out string[]? parts, out _) && parts.Length > 0)
            {
                errors.Warn($"{parts[0]}: is not read because {environment.DefaultFile} does not exist; create that file (an empty object, {{}}, is enough)");
            }
            intakes = Path.Exists(environment.DefaultIntakes) ? environment.DefaultIntakes : null;
        }
    }

    private static readonly string[] SecretKeys =
        [$":{IntakeKeyReader.KeyKey}", $"{MonitoringReader.Section}:{MonitoringReader.TokenKey}", $":{TelemetryReader.AuthorizationKey}", $":{ProxyReader.CredentialsKey}"];

    private static void Protect(IConfigurationRoot root, ConfigurationErrors errors)
    {
        foreach ((string path, string? value) in root.AsEnumerable())
        {
            if (SecretKeys.Any(key => path.EndsWith(key, StringComparison.OrdinalIgnoreCase)))
            {
                errors.Protect(value);
            }
        }
    }
}
