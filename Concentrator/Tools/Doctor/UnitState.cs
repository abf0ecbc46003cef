namespace Concentrator.Tools.Doctor;

/// <summary>What systemd says of a unit.</summary>
/// <param name="Properties">By name, as <c>systemctl show</c> prints them; those that it prints several times, a line each.</param>
internal sealed record UnitState(IReadOnlyDictionary<string, string> Properties)
{
    private static readonly string[] Wanted = ["LoadState", "ActiveState", "SubState", "Result", "UnitFileState", "StatusText", "Listen", "NRestarts", "InvocationID"];

    /// <summary>Whether there is such a unit, and it is not masked.</summary>
    public bool IsLoaded => Property("LoadState") == "loaded";

    public bool IsActive => Property("ActiveState") is "active" or "reloading";

    public bool HasFailed => Property("ActiveState") == "failed";

    /// <summary>Ended by itself, and waits to be started once more, or is being started so.</summary>
    public bool IsTriedAgain =>
        Property("ActiveState") == "activating" && (Property("SubState").StartsWith("auto-restart", StringComparison.Ordinal) || Property("NRestarts") is not ("" or "0"));

    /// <summary>Whether it is left out at the next boot, unless another unit wants it.</summary>
    public bool IsDisabled => Property("UnitFileState") is "disabled" or "linked" or "linked-runtime" or "enabled-runtime";

    /// <summary>Of its last start; empty where it has not been started since the boot.</summary>
    public string Invocation => Property("InvocationID");

    /// <summary>The state as systemd shows it, with the result of what has failed.</summary>
    public string Shown => HasFailed || IsTriedAgain
        ? $"{Property("ActiveState")} ({Property("SubState")}, {Property("Result")})" : $"{Property("ActiveState")} ({Property("SubState")})";

    /// <summary>What the service itself has said last of how it is (<c>STATUS=</c>); empty where it has said nothing.</summary>
    public string StatusText => Property("StatusText");

    /// <summary>The addresses of a socket unit, without their kinds.</summary>
    public IEnumerable<string> Listens => Property("Listen").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')[0]);

    /// <summary>The units' states, in the order in which they are asked for; null where there is no systemd to ask.</summary>
    /// <param name="systemctl">The program.</param>
    /// <param name="names">Of the units.</param>
    /// <param name="stop">Gives up.</param>
    public static Task<IReadOnlyList<UnitState>?> AskAsync(string systemctl, IReadOnlyList<string> names, CancellationToken stop) => AskAsync(systemctl, names, Wanted, stop);

    /// <param name="systemctl">The program.</param>
    /// <param name="names">Of the units.</param>
    /// <param name="properties">Those that are wanted.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<IReadOnlyList<UnitState>?> AskAsync(string systemctl, IReadOnlyList<string> names, IReadOnlyList<string> properties, CancellationToken stop)
    {
        string? said = await ProgramOutput.OfAsync(systemctl, ["show", $"--property={string.Join(',', properties)}", .. names], stop).ConfigureAwait(false);

        // A blank line between two units.
        string[] blocks = said?.Trim('\n').Split("\n\n") ?? [];
        return blocks.Length == names.Count ? [.. blocks.Select(Parse)] : null;
    }

    /// <summary>Empty where it is not set.</summary>
    public string Property(string name) => Properties.GetValueOrDefault(name, "");

    /// <summary>Of a property that is a list.</summary>
    public IReadOnlyList<string> Words(string name) => Property(name).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <param name="block">A line a property.</param>
    public static UnitState Parse(string block) => new(block.Split('\n')
        .Select(static line => line.Split('=', 2)).Where(static parts => parts.Length == 2)
        .GroupBy(static parts => parts[0], static parts => parts[1])
        .ToDictionary(static group => group.Key, static group => string.Join('\n', group), StringComparer.Ordinal));
}
