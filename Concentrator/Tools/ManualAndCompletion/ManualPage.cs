namespace Concentrator.Tools.ManualAndCompletion;

/// <summary>The manual page concentrator(1), generated from the commands' descriptions.</summary>
internal static class ManualPage
{
    /// <summary>Options of every command, described only once.</summary>
    private static readonly string[] General = ["--help", "--version"];

    /// <summary>The whole page in troff, including its last line feed.</summary>
    /// <param name="root">All commands.</param>
    /// <param name="version">Shown at the foot.</param>
    public static string Of(CommandNode root, string version)
    {
        List<string> page =
        [
            $".TH CONCENTRATOR 1 \"\" \"{CommandNode.Program} {version}\" \"User Commands\"",
            // No hyphenation and no justification, so that text can be copied.
            ".nh",
            ".ad l",
            ".SH NAME",
            $"{CommandNode.Program} \\- {Troff.Line(root.Description.TrimEnd('.'))}",
            ".SH SYNOPSIS",
            .. root.All().Where(node => node == root || node.Commands.Count == 0).SelectMany(Synopsis),
            ".SH DESCRIPTION",
            .. ManualText.Description.SelectMany(static paragraph => new[] { ".PP", Troff.Line(paragraph) }),
            ".SH COMMANDS",
            .. root.All().Skip(1).SelectMany(Section),
            ".SH OPTIONS",
            .. root.Options.Where(IsGeneral).SelectMany(Entry),
        ];
        foreach ((string heading, (string Term, string Meaning)[] terms) in ManualText.Sections)
        {
            page.Add($".SH {heading}");
            page.AddRange(terms.SelectMany(static term => Tagged(Troff.Bold(term.Term), term.Meaning)));
        }
        page.Add(".SH SEE ALSO");
        page.Add(string.Join(", ", ManualText.SeeAlso.Select(static other => $"{Troff.Bold(other.Name)}({other.Section})")));
        return string.Join('\n', page) + "\n";
    }

    private static string[] Synopsis(CommandNode node)
    {
        string[] words = [Troff.Bold(node.Path), .. node.Options.Where(IsOwn).Select(InSynopsis), .. node.Arguments.Select(InSynopsis)];
        return [".PP", string.Join(' ', words)];
    }

    private static string InSynopsis(OptionNode option)
    {
        string text = Names(option);
        return option.IsRequired ? text : $"[{text}]";
    }

    private static string InSynopsis(ValueNode argument)
    {
        string text = Troff.Italic(argument.Label) + (argument.Repeats ? " ..." : "");
        return argument.IsRequired ? text : $"[{text}]";
    }

    private static IEnumerable<string> Section(CommandNode node) =>
    [
        $".SS {node.Path}",
        Troff.Line(node.Description),
        .. node.Options.Where(IsOwn).SelectMany(Entry),
        .. node.Arguments.SelectMany(static argument => Tagged(Troff.Italic(argument.Label), argument.Description)),
    ];

    private static IEnumerable<string> Entry(OptionNode option)
    {
        string otherwise = option.Default is null ? "" : $" Default: {option.Default}.";
        return Tagged(Names(option), $"{option.Description.TrimEnd('.')}.{otherwise}");
    }

    private static string[] Tagged(string tag, string text) => [".TP", tag, Troff.Line(text)];

    private static string Names(OptionNode option) =>
        string.Join(", ", option.Names.Select(Troff.Bold)) + (option.Value is null ? "" : $"\\ {Troff.Italic(option.Value.Label)}");

    private static bool IsGeneral(OptionNode option) => General.Contains(option.Names[0], StringComparer.Ordinal);

    private static bool IsOwn(OptionNode option) => !IsGeneral(option);
}
