using Concentrator.Configuration;

namespace Concentrator.Tools.Doctor;

/// <summary>How systemd starts the server: with which arguments and environment, as whom, and what it sees of the files.</summary>
internal sealed class ServiceUnit
{
    private static readonly string[] Wanted =
    [
        "LoadState", "User", "Group", "SupplementaryGroups", "DynamicUser", "PrivateUsers", "CapabilityBoundingSet", "AmbientCapabilities", "ProtectSystem",
        "ProtectHome", "PrivateTmp", "TemporaryFileSystem", "InaccessiblePaths", "ReadOnlyPaths", "ReadWritePaths", "BindPaths", "BindReadOnlyPaths",
        "StateDirectory", "CacheDirectory", "LogsDirectory", "RuntimeDirectory", "RootDirectory", "RootImage", "Environment", "EnvironmentFiles",
        "ExecStart", "ExecStartPre",
    ];

    /// <param name="state">With the properties that are wanted here.</param>
    public ServiceUnit(UnitState state)
    {
        Sandbox = new ServiceSandbox(state);
        Rights = ServiceRights.Of(state);
        UserName = state.Property("User");
        Variables = ServiceEnvironment.Of(state);
        Prepares = [.. Commands(state.Property("ExecStartPre")).SelectMany(static words => words)];
        List<string> rest = [];
        string[] words = [.. Commands(state.Property("ExecStart")).FirstOrDefault([]).Skip(1)];
        for (int at = 0; at < words.Length; at++)
        {
            (string name, string? value) = words[at].Split('=', 2) is [var before, var behind] ? (before, behind) : (words[at], null);
            if (name is not ("--config" or "--intakes")) rest.Add(words[at]);
            else if ((value ?? words.ElementAtOrDefault(++at)) is { } file) (ConfigFile, IntakesFile) = name == "--config" ? (file, IntakesFile) : (ConfigFile, file);
        }
        Overrides = ConfigurationOverride.TryParse([.. rest.Except(["run", "--take-over"])], [], out IReadOnlyList<ConfigurationOverride> given, out _) ? given : [];
    }

    public ServiceSandbox Sandbox { get; }

    /// <summary>Null where its user or one of its groups does not exist.</summary>
    public ServiceRights? Rights { get; }

    /// <summary>As it is configured, empty for root.</summary>
    public string UserName { get; }

    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>Of <c>run</c>; null where none is named.</summary>
    public string? ConfigFile { get; }

    /// <summary>The same.</summary>
    public string? IntakesFile { get; }

    public IReadOnlyList<ConfigurationOverride> Overrides { get; }

    /// <summary>The words of what is run before the server.</summary>
    public IReadOnlyList<string> Prepares { get; }

    /// <summary>Null where no systemd has it, or it is this very process's own: then what can be used shows by itself.</summary>
    /// <param name="host">Whose.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<ServiceUnit?> AskAsync(ExaminedHost host, CancellationToken stop)
    {
        if ((ProcFile.TryRead(Path.Combine(host.Proc, "self", "cgroup")) ?? "").Contains($"/{UnitNames.Service}", StringComparison.Ordinal)) return null;
        IReadOnlyList<UnitState>? states = await UnitState.AskAsync(host.Systemctl, [UnitNames.Service], Wanted, stop).ConfigureAwait(false);
        return states is [{ IsLoaded: true } state] ? new ServiceUnit(state) : null;
    }

    /// <summary>A line each: <c>{ path=… ; argv[]=WORD WORD… ; ignore_errors=no ; … }</c>.</summary>
    private static IEnumerable<string[]> Commands(string lines)
    {
        const string Begin = " argv[]=", End = " ; ignore_errors=";
        foreach (string line in lines.Split('\n'))
        {
            int from = line.IndexOf(Begin, StringComparison.Ordinal), to = line.IndexOf(End, StringComparison.Ordinal);
            if (from >= 0 && to > from) yield return line[(from + Begin.Length)..to].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
    }
}
