using System.Globalization;
using Concentrator.Native;

namespace Concentrator.Hosting.Senders.HaproxyConfiguration;

/// <summary>
/// The log format of a proxy: <c>option httplog</c>, <c>option tcplog</c>, <c>log-format …</c>. <paramref name="Text"/> is what follows the
/// keyword, its words joined by single spaces.
/// </summary>
internal sealed record HaproxyLineFormat(string Place, HaproxySection Section, string Keyword, string Text);

/// <summary>A line that makes a proxy log more than once per request: <c>log-steps …</c>, or a rule with <c>do-log</c>.</summary>
internal sealed record HaproxyFurtherLines(string Place, HaproxySection Section, string Text);

/// <summary>The lines of haproxy.cfg that matter to a log receiver. Everything else, including conditions, is skipped.</summary>
internal sealed class HaproxyConfig
{
    private static readonly HashSet<string> Kinds = new(StringComparer.Ordinal)
    {
        "global", "defaults", "frontend", "backend", "listen", "ring", "log-forward", "log-profile", "peers", "resolvers", "userlist", "program",
        "cache", "mailers", "http-errors", "fcgi-app", "crt-store", "traces", "acme",
    };

    private HaproxySection _section = new("", [""], null);
    private HaproxySection? _defaults;

    /// <summary>The files that were read, in order.</summary>
    public List<string> Files { get; } = [];

    /// <summary>The files that could not be read.</summary>
    public List<string> Missing { get; } = [];

    public string? Chroot { get; private set; }

    public string? User { get; private set; }

    public string? Group { get; private set; }

    public int? Threads { get; private set; }

    /// <summary><c>tune.sndbuf.backend</c> in bytes; null when it is not set.</summary>
    public long? SendBuffer { get; private set; }

    /// <summary>The addresses of <c>stats socket</c> lines. HAProxy binds them before its chroot.</summary>
    public List<HaproxyAddress> StatsSockets { get; } = [];

    public List<HaproxySection> Sections { get; } = [];

    /// <summary>Every log line, in the order of the files.</summary>
    public List<HaproxyLogDirective> Logs { get; } = [];

    /// <summary><c>log-send-hostname</c> lines. With one, a line without a format gets an RFC 3164 header that has a host.</summary>
    public List<(string Place, string Text)> HostnameLines { get; } = [];

    /// <summary><c>backing-file</c> of rings. Every HAProxy that reads the configuration renames them, even to check it.</summary>
    public List<string> RingFiles { get; } = [];

    public List<HaproxyLineFormat> LineFormats { get; } = [];

    public List<HaproxyFurtherLines> FurtherLines { get; } = [];

    /// <param name="files">Files and directories, as for HAProxy's <c>-f</c>.</param>
    /// <param name="root">The prefix of every path: the root of the process that read them; "" = this process's root.</param>
    public static HaproxyConfig Read(IEnumerable<string> files, string root = "")
    {
        HaproxyConfig config = new();
        foreach (string file in files.SelectMany(file => Expand(file, root))) config.ReadFile(file, root);
        return config;
    }

    /// <summary>The ring that a log line names; null when it names none, or one that haproxy.cfg does not define.</summary>
    public HaproxySection? RingOf(HaproxyLogDirective log) => Sections.Find(section => section.Kind == "ring" && section.Name == log.RingName);

    private List<HaproxyServer> ServersOf(HaproxyLogDirective log) =>
        (RingOf(log) ?? Sections.Find(section => section.IsProxy && section.IsRelay && section.Name == log.BackendName))?.Servers ?? [];

    /// <summary>Where a line leads, and the place that names the address: the line itself, or each server of its ring or backend.</summary>
    public IEnumerable<(string Place, HaproxyAddress Address)> EndsOf(HaproxyLogDirective log) => log.RingName is null && log.BackendName is null
        ? [(log.Place, log.Where)]
        : ServersOf(log).Select(static server => (server.Place, server.Where));

    /// <summary>Whether any proxy logs through the line, that is, <c>no log</c> does not remove it.</summary>
    public bool IsUsed(HaproxyLogDirective log) => Sections.Exists(section => section.Logs.Contains(log) && !HasHeirs(section));

    /// <summary>Whether <c>no log</c> silences the section; for a <c>defaults</c> section, every proxy that inherits from it.</summary>
    public bool IsSilent(HaproxySection section) => ProxiesOf(section).All(static proxy => proxy.IsSilenced);

    /// <summary>The sections that a setting here applies to: this one; for <c>defaults</c>, every proxy that inherits from it.</summary>
    public IEnumerable<HaproxySection> ProxiesOf(HaproxySection section) => HasHeirs(section) ? Sections.Where(heir => heir.Defaults == section) : [section];

    private bool HasHeirs(HaproxySection section) => Sections.Exists(heir => heir.Defaults == section);

    /// <summary>A directory expands to its <c>*.cfg</c> files, in the order of their names.</summary>
    private static IEnumerable<string> Expand(string file, string root) => Directory.Exists(root + file)
        ? Directory.EnumerateFiles(root + file, "*.cfg").Select(found => Path.Combine(file, Path.GetFileName(found))).Order(StringComparer.Ordinal)
        : [file];

    private void ReadFile(string file, string root)
    {
        if (ProcFile.TryRead(root + file) is not { } text)
        {
            Missing.Add(file);
            return;
        }
        Files.Add(file);
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] words = HaproxyWords.Split(line);
            if (words.Length > 0) Take(string.Create(CultureInfo.InvariantCulture, $"{file}:{number}"), string.Join(' ', words), words);
        }
    }

    private void Take(string place, string line, string[] words)
    {
        if (Kinds.Contains(words[0])) Begin(place, words);
        else if (_section.Kind == "ring") TakeOfRing(place, words);
        else if (_section.Kind != "log-profile") TakeOfOthers(place, line, words);
        else if (words is ["on", "any", "drop", ..]) _section.DropsOtherSteps = true;
    }

    private void Begin(string place, string[] words)
    {
        int from = Array.IndexOf(words, "from", 1);
        HaproxySection? named = from > 0 && from + 1 < words.Length ? Sections.FindLast(section => section.Kind == "defaults" && section.Name == words[from + 1]) : null;
        bool inherits = words[0] is "frontend" or "backend" or "listen";
        _section = new HaproxySection(place, words, named ?? (inherits ? _defaults : null));
        if (_section.Kind == "defaults") _defaults = _section;
        Sections.Add(_section);
    }

    private void TakeOfRing(string place, string[] words)
    {
        switch (words)
        {
            case ["format", var format, ..]:
                _section.Format = format;
                break;
            case ["backing-file", var file, ..]:
                RingFiles.Add(file);
                break;
            case ["maxlen", var length, ..] when int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes):
                _section.MaxLength = bytes;
                break;
            case ["size", var size, ..] when long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes):
                _section.Size = bytes;
                break;
            case ["server" or "default-server", ..]:
                _section.AddServer(place, words);
                break;
        }
    }

    private void TakeOfOthers(string place, string line, string[] words)
    {
        switch (words)
        {
            case ["log", "global", ..]:
                _section.AddGlobal(Sections.Where(static section => section.Kind == "global").SelectMany(static section => section.Logs));
                break;
            case ["log", _, ..]:
                HaproxyLogDirective log = HaproxyLogDirective.Parse(place, line, _section, words);
                Logs.Add(log);
                _section.Add(log);
                break;
            case ["log-send-hostname", ..]:
                HostnameLines.Add((place, line));
                break;
            case ["no", "log", ..]:
                _section.Silence();
                break;
            case ["mode", var mode, ..]:
                _section.Mode = mode;
                break;
            case ["server" or "default-server", ..]:
                _section.AddServer(place, words);
                break;
            case ["option", "httplog" or "httpslog" or "tcplog", ..]:
                LineFormats.Add(new HaproxyLineFormat(place, _section, $"option {words[1]}", string.Join(' ', words[2..])));
                break;
            case ["log-format", ..]:
                LineFormats.Add(new HaproxyLineFormat(place, _section, words[0], string.Join(' ', words[1..])));
                break;
            case ["log-steps", ..]:
            case [_, "do-log", ..]:
            case [_, _, "do-log", ..]:
                FurtherLines.Add(new HaproxyFurtherLines(place, _section, line));
                break;
            default:
                // "user" and "group" are also keywords of userlist and program sections.
                if (_section.Kind == "global") TakeOfGlobal(words);
                break;
        }
    }

    private void TakeOfGlobal(string[] words)
    {
        switch (words)
        {
            case ["chroot", var path, ..]:
                Chroot = path;
                break;
            case ["user", var name, ..]:
                User = name;
                break;
            case ["group", var name, ..]:
                Group = name;
                break;
            case ["nbthread", var count, ..] when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int threads):
                Threads = threads;
                break;
            case ["tune.sndbuf.backend", var size, ..]:
                SendBuffer = ParseSize(size);
                break;
            case ["stats", "socket", var address, ..]:
                StatsSockets.Add(HaproxyAddress.Parse(address, isStream: true));
                break;
        }
    }

    /// <summary>Parses a size with HAProxy's suffixes k, m and g, powers of 1024.</summary>
    private static long? ParseSize(string text)
    {
        int shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number << shift : null;
    }
}
