namespace Concentrator.Tools.ManualAndCompletion;

/// <summary>The script for fish: a <c>complete</c> for every word, on condition that the line is at the word's command.</summary>
internal static class FishScript
{
    public static string Of(CommandNode root) => $$"""
        # fish completion for concentrator, made by: concentrator completion fish

        # Whether the words before the cursor lead to the command that is named.
        function __concentrator_at
            set -l words (commandline -opc)
            set -e words[1]
            set -l at {{CommandNode.Program}}
            set -l waits no
            for word in $words
                if test $waits = yes
                    set waits no
                    continue
                end
                switch "$at $word"
        {{string.Join('\n', root.All().SelectMany(Steps))}}
                end
            end
            test "$at" = "$argv[1]"
        end

        complete -c concentrator -f
        {{string.Join('\n', root.All().SelectMany(Followers))}}

        """;

    private static IEnumerable<string> Steps(CommandNode node)
    {
        foreach (CommandNode next in node.Commands)
        {
            yield return $"            case {Quote(next.Path)}\n                set at {Quote(next.Path)}";
        }
        string[] waiting = [.. node.Options.Where(static option => option.Value is not null)
            .SelectMany(static option => option.Names).Select(name => Quote($"{node.Path} {name}"))];
        if (waiting.Length > 0)
        {
            yield return $"            case {string.Join(' ', waiting)}\n                set waits yes";
        }
    }

    private static IEnumerable<string> Followers(CommandNode node)
    {
        string here = $"complete -c concentrator -n {Quote($"__concentrator_at {Quote(node.Path)}")}";
        foreach (CommandNode next in node.Commands)
        {
            yield return $"{here} -a {next.Name} -d {Quote(CommandNode.Brief(next.Description))}";
        }
        foreach (ValueNode argument in node.Arguments.Where(static argument => argument.Words.Count > 0 || argument.IsFile || argument.IsDirectory))
        {
            yield return $"{here} {(argument.IsFile ? "-F" : Values(argument))}";
        }
        foreach (OptionNode option in node.Options)
        {
            string names = string.Join(' ', option.Names.Select(Flag));
            string value = option.Value is not { } wanted ? "" : wanted.IsFile ? " -r -F" : $" -x {Values(wanted)}".TrimEnd();
            yield return $"{here} {names}{value} -d {Quote(CommandNode.Brief(option.Description))}";
        }
    }

    /// <summary>Empty if the value cannot be completed.</summary>
    private static string Values(ValueNode value) =>
        value.Words.Count > 0 ? $"-a {Quote(string.Join(' ', value.Words))}"
        : value.IsDirectory ? "-a '(__fish_complete_directories)'"
        : "";

    private static string Flag(string name) =>
        name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}"
        : name.Length == 2 ? $"-s {name[1..]}"
        : $"-o {name[1..]}";

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
