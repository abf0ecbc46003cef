namespace Concentrator.Tools.Doctor;

/// <summary>How a service sees a path.</summary>
internal enum Sight : byte
{
    Writable,
    ReadOnly,

    /// <summary>Another place has the name, which begins empty and can be written to.</summary>
    Own,

    Hidden,
}

/// <summary>
/// The file system as systemd's settings let a unit's service see it (systemd.exec(5), "Sandboxing"): of the settings for a path and those above
/// it the nearest holds, of two for one path the stricter, and nothing below an inaccessible path is seen again. What it cannot judge, a root of
/// the unit's own, is said by <see cref="IsKnown"/>.
/// </summary>
internal sealed class ServiceSandbox
{
    private readonly List<Rule> _rules = [new("/", Sight.Writable, "")];

    /// <param name="unit">With the properties of <see cref="ServiceUnit"/>.</param>
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

        // Of "tmpfs" nothing is to be had but what is mounted below; systemd 252 lets the service write there, 257 does not.
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
            // A name may have a link's behind a colon.
            foreach (string name in unit.Words(property)) _rules.Add(new Rule(Path.GetFullPath($"{above}/{name.Split(':')[0]}"), Sight.Writable, $"{property}=") { IsMade = true });
        }
    }

    /// <summary>False where the unit has another root directory: then nothing here is to be trusted.</summary>
    public bool IsKnown { get; }

    /// <param name="path">Absolute, links followed.</param>
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
        /// <summary>Whether systemd drops the settings for what lies below.</summary>
        public bool Drops { get; init; }

        /// <summary>Of a bind mount.</summary>
        public string? Source { get; init; }

        public bool IsMade { get; init; }
    }
}

/// <summary>What a service sees at a path.</summary>
/// <param name="Sight">How.</param>
/// <param name="Setting">The unit's that decides; empty for none.</param>
/// <param name="Outside">The path of the same file outside of the sandbox.</param>
/// <param name="IsMade">Whether systemd makes it before the service starts, and gives it to the service's user.</param>
internal readonly record struct Seen(Sight Sight, string Setting, string Outside, bool IsMade);
