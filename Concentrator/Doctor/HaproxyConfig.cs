using System.Globalization;

namespace Concentrator.Doctor;

/// <summary>A <c>ring</c> section: its header format, and the servers whose frames are not octet-counted.</summary>
internal sealed class HaproxyRing(string name, string place)
{
    public string Name { get; } = name;

    /// <summary><c>FILE:LINE</c>.</summary>
    public string Place { get; } = place;

    public string? Format { get; set; }

    /// <summary>Server lines, their words parted by one blank.</summary>
    public List<(string Place, string Text)> LineFramed { get; } = [];
}

/// <summary>
/// How a proxy's lines look: <c>option httplog</c>, <c>option tcplog</c>, <c>log-format …</c>. <paramref name="Text"/> is
/// what follows the keyword, words joined by one blank.
/// </summary>
internal sealed record HaproxyLineFormat(string Place, string Section, string Keyword, string Text);

/// <summary>The lines of haproxy.cfg that matter to whoever receives its logs. The rest, conditions too, is passed over.</summary>
internal sealed class HaproxyConfig
{
    private static readonly HashSet<string> Sections = new(StringComparer.Ordinal)
    {
        "global", "defaults", "frontend", "backend", "listen", "ring", "log-forward", "log-profile", "peers", "resolvers", "userlist", "program",
        "cache", "mailers", "http-errors", "fcgi-app", "crt-store", "traces", "acme",
    };

    private string _section = "";
    private HaproxyRing? _ring;

    /// <summary>The files read, in order.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Files that could not be read.</summary>
    public List<string> Missing { get; } = [];

    public string? Chroot { get; private set; }

    public string? User { get; private set; }

    public string? Group { get; private set; }

    public int? Threads { get; private set; }

    /// <summary><c>tune.sndbuf.backend</c> in bytes; null where it is not set.</summary>
    public long? SendBuffer { get; private set; }

    /// <summary>Paths of <c>stats socket</c> lines; those on TCP are left out.</summary>
    public List<string> StatsSockets { get; } = [];

    public List<HaproxyLog> Logs { get; } = [];

    /// <summary><c>log-send-hostname</c>: the header of lines without a format is RFC 3164's then, with a host.</summary>
    public List<(string Place, string Text)> HostnameLines { get; } = [];

    /// <summary><c>backing-file</c> of rings, each of which every HAProxy that reads the configuration renames, one that only checks it too.</summary>
    public List<string> RingFiles { get; } = [];

    public List<HaproxyRing> Rings { get; } = [];

    public List<HaproxyLineFormat> LineFormats { get; } = [];

    /// <param name="files">Files and directories, as HAProxy's <c>-f</c> takes them.</param>
    /// <param name="root">Stands before each path: the root of the process that read them; "" = ours.</param>
    public static HaproxyConfig Read(IEnumerable<string> files, string root = "")
    {
        HaproxyConfig config = new();
        foreach (string file in files.SelectMany(file => Expand(file, root))) config.ReadFile(file, root);
        return config;
    }

    /// <summary>A directory stands for its <c>*.cfg</c>, in the order of their names.</summary>
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
        if (Sections.Contains(words[0]))
        {
            _section = string.Join(' ', words.Take(2));
            _ring = words[0] == "ring" && words.Length > 1 ? new HaproxyRing(words[1], place) : null;
            if (_ring is not null) Rings.Add(_ring);
        }
        else if (_ring is not null)
        {
            TakeOfRing(place, line, words);
        }
        else
        {
            TakeOfOthers(place, line, words);
        }
    }

    private void TakeOfRing(string place, string line, string[] words)
    {
        if (words is ["format", var format, ..]) _ring!.Format = format;
        if (words is ["backing-file", var file, ..]) RingFiles.Add(file);
        if (words[0] != "server") return;
        int proto = Array.IndexOf(words, "log-proto");
        if (proto < 0 || proto + 1 == words.Length || words[proto + 1] != "octet-count") _ring!.LineFramed.Add((place, line));
    }

    private void TakeOfOthers(string place, string line, string[] words)
    {
        switch (words)
        {
            case ["log", "global", ..]:
                break;
            case ["log", _, ..]:
                Logs.Add(HaproxyLog.Parse(place, line, _section, words));
                break;
            case ["log-send-hostname", ..]:
                HostnameLines.Add((place, line));
                break;
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
            case ["stats", "socket", var path, ..] when path.StartsWith('/') || path.StartsWith("unix@/", StringComparison.Ordinal):
                StatsSockets.Add(path[path.IndexOf('/', StringComparison.Ordinal)..]);
                break;
            case ["option", "httplog" or "httpslog" or "tcplog", ..]:
                LineFormats.Add(new HaproxyLineFormat(place, _section, $"option {words[1]}", string.Join(' ', words[2..])));
                break;
            case ["log-format", ..]:
                LineFormats.Add(new HaproxyLineFormat(place, _section, words[0], string.Join(' ', words[1..])));
                break;
        }
    }

    /// <summary>HAProxy writes k, m and g, powers of 1024.</summary>
    private static long? ParseSize(string text)
    {
        int shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number << shift : null;
    }
}
