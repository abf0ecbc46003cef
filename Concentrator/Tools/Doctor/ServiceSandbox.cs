namespace Concentrator.Tools.Doctor;

/// <summary>How a service sees a path.</summary>
internal enum Sight : byte
{
    Writable,
    ReadOnly,

    /// <summary>The path leads to a separate directory, which is empty at first and writable.</summary>
    Own,

    Hidden,
}

/// <summary>
/// The file system as systemd's settings let a unit's service see it (systemd.exec(5), "Sandboxing"). Of the settings for a path and its
/// parents, the nearest applies; of two for the same path, the stricter. Nothing below an inaccessible path is visible. A unit with its own
/// root directory cannot be judged: see <see cref="IsKnown"/>.
/// </summary>
internal sealed class ServiceSandbox
{
    private readonly List<Rule> _rules = [new("/", Sight.Writable, "")];

    /// <param name="unit">A state with the properties of <see cref="ServiceUnit"/>.</param>
    public ServiceSandbox(UnitState unit)
    {
        IsKnown = unit.Property("RootDirectory").Length == 0 && unit.Property("RootImage").Length == 0;
        string system = unit.Property("ProtectSystem"), home = unit.Property("ProtectHome");
        string[] fixedPaths = system switch
        {
            "strict" => ["/"],
            "full" => ["/usr", "/boot", "/efi", "/etc"],
            "yes" => ["/usr", "/boot", "/efi"],
            _ => [],
        };
        Add(fixedPaths, Sight.ReadOnly, $"ProtectSystem={system}");
        if (system == "strict") Add(["/dev", "/proc", "/sys"], Sight.Writable, "");

        // With "tmpfs", only what is mounted below is visible. systemd 252 lets the service write there, 257 does not.
        Sight? homes = home switch { "yes" or "tmpfs" => Sight.Hidden, "read-only" => Sight.ReadOnly, _ => null };
        if (homes is not null) Add(["/home", "/root", "/run/user"], homes.Value, $"ProtectHome={home}", drops: home == "yes");
        if (unit.Property("PrivateTmp") is not ("" or "no")) Add(["/tmp", "/var/tmp"], Sight.Own, "PrivateTmp=");
        Add(unit.Words("TemporaryFileSystem").Select(static entry => entry.Split(':')[0]), Sight.Own, "TemporaryFileSystem=");
        Add(unit.Words("InaccessiblePaths"), Sight.Hidden, "InaccessiblePaths=", drops: true);
        Add(unit.Words("ReadOnlyPaths"), Sight.ReadOnly, "ReadOnlyPaths=");
        Add(unit.Words("ReadWritePaths"), Sight.Writable, "ReadWritePaths=");
        foreach ((string property, Sight sight) in (ReadOnlySpan<(string, Sight)>)[("BindPaths", Sight.Writable), ("BindReadOnlyPaths", Sight.ReadOnly)])
        {
            foreach (string[] fields in unit.Words(property).Select(static entry => entry.TrimStart('-', '+').Split(':')))
                _rules.Add(new Rule(fields.Length > 1 ? fields[1] : fields[0], sight, $"{property}=") { Source = fields[0] });
        }
        foreach ((string property, string above) in (ReadOnlySpan<(string, string)>)
            [("StateDirectory", "/var/lib"), ("CacheDirectory", "/var/cache"), ("LogsDirectory", "/var/log"), ("RuntimeDirectory", "/run")])
        {
            // A link name may follow a colon.
            foreach (string name in unit.Words(property)) _rules.Add(new Rule(Path.GetFullPath($"{above}/{name.Split(':')[0]}"), Sight.Writable, $"{property}=") { IsMade = true });
        }
    }

    /// <summary>False when the unit has another root directory. Then the other results are not reliable.</summary>
    public bool IsKnown { get; }

    /// <param name="path">An absolute path with links followed.</param>
    public Seen Of(string path)
    {
        Rule[] above = [.. _rules.Where(rule => Holds(rule.Path, path)).OrderByDescending(static rule => rule.Path.Length).ThenByDescending(static rule => rule.Sight)];
        Rule rule = Array.Find(above, static rule => rule.Drops) ?? above[0];
        string outside = rule.Source is { } source ? source.TrimEnd('/') + path[rule.Path.TrimEnd('/').Length..] : path;
        return new Seen(rule.Sight, rule.Setting, outside, rule.IsMade);
    }

    private void Add(IEnumerable<string> paths, Sight sight, string setting, bool drops = false) =>
        _rules.AddRange(paths.Select(path => new Rule(path.TrimStart('-', '+'), sight, setting) { Drops = drops }));

    private static bool Holds(string above, string path) => path == above || path.StartsWith(above.EndsWith('/') ? above : $"{above}/", StringComparison.Ordinal);

    private sealed record Rule(string Path, Sight Sight, string Setting)
    {
        /// <summary>Whether systemd drops the settings for paths below.</summary>
        public bool Drops { get; init; }

        /// <summary>The source of a bind mount.</summary>
        public string? Source { get; init; }

        public bool IsMade { get; init; }
    }
}

/// <summary>How a service sees a path.</summary>
/// <param name="Sight">The kind of access.</param>
/// <param name="Setting">The unit's setting that decides; empty for none.</param>
/// <param name="Outside">The path of the same file outside the sandbox.</param>
/// <param name="IsMade">Whether systemd creates it before the service starts, and gives it to the service's user.</param>
internal readonly record struct Seen(Sight Sight, string Setting, string Outside, bool IsMade);
