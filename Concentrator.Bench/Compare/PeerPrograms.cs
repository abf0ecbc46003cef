using Concentrator.Bench.Arguments;

namespace Concentrator.Bench.Compare;

/// <summary>The programs to compare with the server, by their names on the command line.</summary>
internal static class PeerPrograms
{
    private static readonly (string Name, Func<Subject> Create)[] All =
    [
        ("rsyslog-tuned", static () => new RsyslogSubject(tuned: true)),
        ("rsyslog-shipped", static () => new RsyslogSubject(tuned: false)),
        ("syslog-ng", static () => new SyslogNgSubject()),
        ("bare", static () => new BareSubject()),
    ];

    public static IEnumerable<string> Names => All.Select(static one => one.Name);

    /// <summary>The requested programs that are installed. Reports those that are missing.</summary>
    /// <param name="names">Separated by commas; null for all.</param>
    /// <exception cref="UnusableException">There is no such program.</exception>
    public static IReadOnlyList<Subject> Chosen(string? names, TextWriter output)
    {
        string[] wanted = names is null ? [.. Names] : names == "none" ? [] : names.Split(',');
        if (Array.Find(wanted, static name => !Names.Contains(name, StringComparer.Ordinal)) is string unknown)
            throw new UnusableException($"--peers {unknown}: choose from {string.Join(", ", Names)}, or none");
        List<Subject> present = [];
        foreach (Subject subject in All.Where(one => wanted.Contains(one.Name, StringComparer.Ordinal)).Select(static one => one.Create()))
        {
            if (subject.Missing is null) present.Add(subject);
            else output.WriteLine($"skipped: {subject.Missing}");
        }
        return present;
    }
}
