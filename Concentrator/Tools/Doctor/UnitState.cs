namespace Concentrator.Tools.Doctor;

/// <summary>The state of a systemd unit.</summary>
/// <param name="Properties">By name, as <c>systemctl show</c> prints them. Repeated properties have one line per value.</param>
internal sealed record UnitState(IReadOnlyDictionary<string, string> Properties)
{
    private static readonly string[] Wanted = ["LoadState", "ActiveState", "SubState", "Result", "UnitFileState", "StatusText", "Listen", "NRestarts", "InvocationID"];

    /// <summary>Whether the unit exists and is not masked.</summary>
    public bool IsLoaded => Property("LoadState") == "loaded";

    public bool IsActive => Property("ActiveState") is "active" or "reloading";

    public bool HasFailed => Property("ActiveState") == "failed";

    /// <summary>Whether it ended by itself and waits for a restart, or is being restarted.</summary>
    public bool IsTriedAgain =>
        Property("ActiveState") == "activating" && (Property("SubState").StartsWith("auto-restart", StringComparison.Ordinal) || Property("NRestarts") is not ("" or "0"));

    /// <summary>Whether it does not start at the next boot, unless another unit wants it.</summary>
    public bool IsDisabled => Property("UnitFileState") is "disabled" or "linked" or "linked-runtime" or "enabled-runtime";

    /// <summary>The invocation id of its last start; empty when it has not started since boot.</summary>
    public string Invocation => Property("InvocationID");

    /// <summary>The state as systemd shows it, with the result of a failure.</summary>
    public string Shown => HasFailed || IsTriedAgain
        ? $"{Property("ActiveState")} ({Property("SubState")}, {Property("Result")})" : $"{Property("ActiveState")} ({Property("SubState")})";

    /// <summary>The service's last status text (<c>STATUS=</c>); empty when it sent none.</summary>
    public string StatusText => Property("StatusText");

    /// <summary>The addresses of a socket unit, without their types.</summary>
    public IEnumerable<string> Listens => Property("Listen").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')[0]);

    /// <summary>The states of the units, in the order of the names; null when systemd cannot be queried.</summary>
    /// <param name="systemctl">The program to run.</param>
    /// <param name="names">The names of the units.</param>
    /// <param name="stop">Cancels the query.</param>
    public static Task<IReadOnlyList<UnitState>?> AskAsync(string systemctl, IReadOnlyList<string> names, CancellationToken stop) => AskAsync(systemctl, names, Wanted, stop);

    /// <param name="systemctl">The program to run.</param>
    /// <param name="names">The names of the units.</param>
    /// <param name="properties">The properties to query.</param>
    /// <param name="stop">Cancels the query.</param>
    public static async Task<IReadOnlyList<UnitState>?> AskAsync(string systemctl, IReadOnlyList<string> names, IReadOnlyList<string> properties, CancellationToken stop)
    {
        string? said = await ProgramOutput.OfAsync(systemctl, ["show", $"--property={string.Join(',', properties)}", .. names], stop).ConfigureAwait(false);

        // A blank line separates two units.
        string[] blocks = said?.Trim('\n').Split("\n\n") ?? [];
        return blocks.Length == names.Count ? [.. blocks.Select(Parse)] : null;
    }

    /// <summary>The value of a property; empty when it is not set.</summary>
    public string Property(string name) => Properties.GetValueOrDefault(name, "");

    /// <summary>The words of a property that is a list.</summary>
    public IReadOnlyList<string> Words(string name) => Property(name).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <param name="block">One property per line.</param>
    public static UnitState Parse(string block) => new(block.Split('\n')
        .Select(static line => line.Split('=', 2)).Where(static parts => parts.Length == 2)
        .GroupBy(static parts => parts[0], static parts => parts[1])
        .ToDictionary(static group => group.Key, static group => string.Join('\n', group), StringComparer.Ordinal));
}
