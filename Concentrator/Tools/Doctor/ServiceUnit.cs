using Concentrator.Configuration;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>How systemd starts the server: arguments, environment, account, and the view of the file system.</summary>
internal sealed class ServiceUnit
{
    private static readonly string[] Wanted =
    [
        "LoadState", "User", "Group", "SupplementaryGroups", "DynamicUser", "PrivateUsers", "CapabilityBoundingSet", "AmbientCapabilities", "ProtectSystem",
        "ProtectHome", "PrivateTmp", "TemporaryFileSystem", "InaccessiblePaths", "ReadOnlyPaths", "ReadWritePaths", "BindPaths", "BindReadOnlyPaths",
        "StateDirectory", "CacheDirectory", "LogsDirectory", "RuntimeDirectory", "RootDirectory", "RootImage", "Environment", "EnvironmentFiles",
        "ExecStart", "ExecStartPre",
    ];

    /// <param name="state">A state with the properties in <see cref="Wanted"/>.</param>
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

    /// <summary>Null when its user or one of its groups does not exist.</summary>
    public ServiceRights? Rights { get; }

    /// <summary>The user as configured; empty for root.</summary>
    public string UserName { get; }

    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>The configuration file on the command line of <c>run</c>; null when none is named.</summary>
    public string? ConfigFile { get; }

    /// <summary>The intakes file on the command line of <c>run</c>; null when none is named.</summary>
    public string? IntakesFile { get; }

    public IReadOnlyList<ConfigurationOverride> Overrides { get; }

    /// <summary>The words of the commands that run before the server.</summary>
    public IReadOnlyList<string> Prepares { get; }

    /// <summary>Queries systemd; null when it does not know the unit, or this process belongs to it and can test access directly.</summary>
    /// <param name="host">The host to query.</param>
    /// <param name="stop">Cancels the query.</param>
    public static async Task<ServiceUnit?> AskAsync(ExaminedHost host, CancellationToken stop)
    {
        if ((ProcFile.TryRead(Path.Combine(host.Proc, "self", "cgroup")) ?? "").Contains($"/{UnitNames.Service}", StringComparison.Ordinal)) return null;
        IReadOnlyList<UnitState>? states = await UnitState.AskAsync(host.Systemctl, [UnitNames.Service], Wanted, stop).ConfigureAwait(false);
        return states is [{ IsLoaded: true } state] ? new ServiceUnit(state) : null;
    }

    /// <summary>Parses commands, one per line: <c>{ path=… ; argv[]=WORD WORD… ; ignore_errors=no ; … }</c>.</summary>
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
