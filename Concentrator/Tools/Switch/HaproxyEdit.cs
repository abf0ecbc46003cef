using System.Globalization;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>One line of a file of HAProxy's, whole, as it is and as it should be.</summary>
internal sealed record LineChange(string File, int Number, string Old, string New)
{
    /// <summary>For people: where, what goes, what comes.</summary>
    public string Shown => FormattableString.Invariant($"{File}:{Number}\n    - {Old.Trim()}\n    + {New.Trim()}");
}

/// <summary>Which lines of HAProxy's configuration change with the switch. Reads its files; writes nothing.</summary>
internal static class HaproxyEdit
{
    /// <summary>What rsyslog's unix socket and journald do not read: the header's format (docs/reference/haproxy.md, Who else reads these lines).</summary>
    private static readonly string[] NotForRsyslog = ["rfc5424", "rfc3164"];

    /// <summary>
    /// Lines that lead to the socket, with the length and the header that lose nothing; a further line of the same section, whose messages
    /// would come twice, becomes a comment.
    /// </summary>
    public static IReadOnlyList<LineChange> ForUs(HaproxyConfig config, SwitchPlace place)
    {
        HaproxyLog[] logs = [.. config.Logs.Where(log => place.IsOwnName ? log.SocketPath is not null : place.IsOf(log))];
        return Changes(logs.Select(log =>
        {
            HaproxyLog first = logs.First(other => other.Of == log.Of && (place.IsOwnName || other.Address == log.Address));
            bool isTwice = first != log && first.Level >= log.Level;
            return (log.Place, isTwice ? $"#{log.Text}" : HaproxyLine.Better(log, place.IsOwnName ? place.Address : null));
        }));
    }

    /// <summary>Lines that lead to the socket and that rsyslog would not read there, as it reads them.</summary>
    public static IReadOnlyList<LineChange> ForRsyslog(HaproxyConfig config, SwitchPlace place)
    {
        IEnumerable<HaproxyLog> logs = config.Logs.Where(place.IsOf);
        IEnumerable<(string, string)> formats = logs.Where(static log => log.Format is { } format && NotForRsyslog.Contains(format))
            .Select(static log => (log.Place, HaproxyLine.Without(log.Text, "format")));
        IEnumerable<(string, string)> names = logs.Any() ? config.HostnameLines.Select(static line => (line.Place, $"#{line.Text}")) : [];
        return Changes(formats.Concat(names));
    }

    /// <summary>The texts of the files with these changes made.</summary>
    public static Dictionary<string, string> Apply(IEnumerable<LineChange> changes)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach (IGrouping<string, LineChange> file in changes.GroupBy(static change => change.File))
        {
            string[] lines = File.ReadAllText(file.Key).Split('\n');
            foreach (LineChange change in file)
            {
                if (change.Number > lines.Length || lines[change.Number - 1] != change.Old) throw new SwitchFailure($"{file.Key} was changed meanwhile");
                lines[change.Number - 1] = change.New;
            }
            texts[file.Key] = string.Join('\n', lines);
        }
        return texts;
    }

    private static List<LineChange> Changes(IEnumerable<(string Place, string Text)> wanted)
    {
        List<LineChange> changes = [];
        foreach ((string place, string text) in wanted)
        {
            int colon = place.LastIndexOf(':');
            (string file, int number) = (place[..colon], int.Parse(place.AsSpan(colon + 1), CultureInfo.InvariantCulture));
            string old = File.ReadLines(file).ElementAt(number - 1);
            if (string.Join(' ', HaproxyWords.Split(old)) == text) continue;
            int comment = old.IndexOf('#', StringComparison.Ordinal);
            string indent = old[..(old.Length - old.TrimStart().Length)];
            changes.Add(new LineChange(file, number, old, $"{indent}{text}{(comment < 0 ? "" : $" {old[comment..]}")}"));
        }
        return changes;
    }
}
