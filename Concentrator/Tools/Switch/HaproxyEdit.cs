using System.Globalization;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>A change of one whole line in a file of HAProxy's.</summary>
internal sealed record LineChange(string File, int Number, string Old, string New)
{
    /// <summary>The change as shown to the operator: file and line, the old text, the new text.</summary>
    public string Shown => FormattableString.Invariant($"{File}:{Number}\n    - {Old.Trim()}\n    + {New.Trim()}");
}

/// <summary>Determines which lines of HAProxy's configuration the switch changes. Reads its files and writes nothing.</summary>
internal static class HaproxyEdit
{
    /// <summary>Formats that rsyslog's socket and journald cannot read (docs/reference/haproxy.md, Who else reads these lines).</summary>
    private static readonly string[] NotForRsyslog = ["rfc5424", "rfc3164"];

    /// <summary>
    /// The lines that lead to the socket, with a length and header that lose nothing. A further line of the same section would send its
    /// messages twice, so it becomes a comment.
    /// </summary>
    public static IReadOnlyList<LineChange> ForUs(HaproxyConfig config, SwitchPlace place)
    {
        HaproxyLogDirective[] logs = [.. config.Logs.Where(log => place.IsOwnName ? log.SocketPath is not null : place.IsOf(log))];
        return Changes(logs.Select(log =>
        {
            HaproxyLogDirective first = logs.First(other => other.Of == log.Of && (place.IsOwnName || other.Address == log.Address));
            bool isTwice = first != log && first.Level >= log.Level;
            return (log.Place, isTwice ? $"#{log.Text}" : HaproxyConfigLine.Better(log, place.IsOwnName ? place.Address : null));
        }));
    }

    /// <summary>The lines that lead to the socket and that rsyslog could not read there, changed so that it can.</summary>
    public static IReadOnlyList<LineChange> ForRsyslog(HaproxyConfig config, SwitchPlace place)
    {
        IEnumerable<HaproxyLogDirective> logs = config.Logs.Where(place.IsOf);
        IEnumerable<(string, string)> formats = logs.Where(static log => log.Format is { } format && NotForRsyslog.Contains(format))
            .Select(static log => (log.Place, HaproxyConfigLine.Without(log.Text, "format")));
        IEnumerable<(string, string)> names = logs.Any() ? config.HostnameLines.Select(static line => (line.Place, $"#{line.Text}")) : [];
        return Changes(formats.Concat(names));
    }

    /// <summary>The texts of the files with the changes applied.</summary>
    public static Dictionary<string, string> Apply(IEnumerable<LineChange> changes)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach (IGrouping<string, LineChange> file in changes.GroupBy(static change => change.File))
        {
            string[] lines = File.ReadAllText(file.Key).Split('\n');
            foreach (LineChange change in file)
            {
                if (change.Number > lines.Length || lines[change.Number - 1] != change.Old) throw new SwitchFailure($"{file.Key} was changed in the meantime");
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
