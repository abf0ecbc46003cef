namespace Concentrator.Hosting.Senders.HaproxyConfiguration;

/// <summary>The parts of a section of haproxy.cfg that concern a log receiver. A proxy inherits from its <c>defaults</c> section.</summary>
internal sealed class HaproxySection
{
    private static readonly HashSet<string> Proxies = new(StringComparer.Ordinal) { "frontend", "backend", "listen" };

    private string[] _serverDefaults = [];

    /// <param name="place"><c>FILE:LINE</c>.</param>
    /// <param name="words">The words of its first line.</param>
    /// <param name="defaults">The section that a proxy inherits from; null when there is none, and for other sections.</param>
    public HaproxySection(string place, string[] words, HaproxySection? defaults)
    {
        Place = place;
        Kind = words[0];
        Name = words.Length > 1 ? words[1] : "";
        Defaults = defaults;
        if (defaults is null) return;
        _serverDefaults = defaults._serverDefaults;
        IsSilenced = defaults.IsSilenced;
        Mode = defaults.Mode;
        Logs.AddRange(defaults.Logs);
    }

    public string Place { get; }

    /// <summary><c>global</c>, <c>frontend</c>, <c>ring</c> and so on.</summary>
    public string Kind { get; }

    public string Name { get; }

    /// <summary>Kind and name, as written.</summary>
    public string Title => Name.Length == 0 ? Kind : $"{Kind} {Name}";

    public HaproxySection? Defaults { get; }

    public bool IsProxy => Proxies.Contains(Kind);

    /// <summary>The log lines in effect at its end: inherited, its own, and those of <c>log global</c>.</summary>
    public List<HaproxyLogDirective> Logs { get; } = [];

    /// <summary>Whether <c>no log</c> is the last log statement.</summary>
    public bool IsSilenced { get; private set; }

    public string? Mode { get; set; }

    /// <summary>Of a ring: the header format of everything that goes through it, whatever the log lines say; null = <c>raw</c>.</summary>
    public string? Format { get; set; }

    /// <summary>Of a ring: the length in bytes at which a line is cut; null = the log line decides.</summary>
    public int? MaxLength { get; set; }

    /// <summary>Of a ring: its size in bytes.</summary>
    public long Size { get; set; } = 16_384;

    /// <summary>Of a log-profile: whether steps that it does not name are not logged (<c>on any drop</c>).</summary>
    public bool DropsOtherSteps { get; set; }

    public List<HaproxyServer> Servers { get; } = [];

    /// <summary>Whether it sends its lines on to syslog receivers.</summary>
    public bool IsRelay => Kind == "ring" || (IsProxy && Mode == "log");

    public void Add(HaproxyLogDirective log)
    {
        IsSilenced = false;
        Logs.Add(log);
    }

    /// <summary><c>log global</c>. Lines that are already in effect are not added again.</summary>
    public void AddGlobal(IEnumerable<HaproxyLogDirective> global)
    {
        IsSilenced = false;
        Logs.AddRange(global.Except(Logs));
    }

    /// <summary><c>no log</c>: removes inherited and earlier lines.</summary>
    public void Silence()
    {
        IsSilenced = true;
        Logs.Clear();
    }

    /// <param name="place">FILE:LINE.</param>
    /// <param name="words">The words of a <c>server</c> or <c>default-server</c> line.</param>
    public void AddServer(string place, string[] words)
    {
        if (words[0] == "default-server") _serverDefaults = [.. _serverDefaults, .. words[1..]];
        else if (words.Length > 2) Servers.Add(new HaproxyServer(place, string.Join(' ', words), words[2], IsCounted(words)));
    }

    /// <summary>Whether <c>log-proto</c> is octet-count. The last occurrence counts.</summary>
    private bool IsCounted(string[] words)
    {
        string[] all = [.. _serverDefaults, .. words];
        int proto = Array.LastIndexOf(all, "log-proto");
        return proto >= 0 && proto + 1 < all.Length && all[proto + 1] == "octet-count";
    }
}

/// <summary>A server of a ring, or of a backend in mode log.</summary>
/// <param name="Place"><c>FILE:LINE</c>.</param>
/// <param name="Text">The line, its words separated by single spaces.</param>
/// <param name="Address">The address as written.</param>
/// <param name="IsCounted">Whether its framing is octet counting; otherwise lines end with LF.</param>
internal sealed record HaproxyServer(string Place, string Text, string Address, bool IsCounted)
{
    public HaproxyAddress Where { get; } = HaproxyAddress.Parse(Address, isStream: true);
}
