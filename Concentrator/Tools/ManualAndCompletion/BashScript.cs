namespace Concentrator.Tools.ManualAndCompletion;

/// <summary>
/// The script for bash: a function that follows the words of the line to the current command, and to an option that expects
/// a value. It needs only bash, not the package bash-completion.
/// </summary>
internal static class BashScript
{
    /// <summary>The kind of a value that cannot be completed.</summary>
    private const string Anything = "anything";

    public static string Of(CommandNode root)
    {
        string steps = string.Join('\n', root.All().SelectMany(Steps).Select(static line => $"            {line}"));
        string places = string.Join('\n', root.All().Select(static node => $"        {Place(node)}"));
        return $$"""
            # bash completion for concentrator, made by: concentrator completion bash

            _concentrator() {
                local current=${COMP_WORDS[COMP_CWORD]} at={{CommandNode.Program}} wants= rest= options= word i
                local IFS=$' \t\n'
                COMPREPLY=()
                for ((i = 1; i < COMP_CWORD; i++)); do
                    word=${COMP_WORDS[i]}
                    # For bash = and : are words of their own.
                    if [[ $word == [=:] ]]; then
                        wants=${wants:-{{Anything}}}
                    elif [[ $wants ]]; then
                        wants=
                    else
                        case "$at $word" in
            {{steps}}
                        esac
                    fi
                done
                if [[ $current == [=:] ]]; then
                    wants=${wants:-{{Anything}}} current=
                fi
                case $at in
            {{places}}
                esac
                if [[ ! $wants ]]; then
                    if [[ $current == -* || ! $rest ]]; then wants="words $options"; else wants=$rest; fi
                fi
                case $wants in
                    file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
                    directory) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
                    words*) mapfile -t COMPREPLY < <(compgen -W "${wants#words}" -- "$current") ;;
                esac
                # A blank in a name is quoted, a directory gets its slash.
                [[ $wants != file && $wants != directory ]] || compopt -o filenames 2>/dev/null || true
            }

            complete -F _concentrator concentrator

            """;
    }

    /// <summary>The effect of a word after a command: it selects a subcommand or expects a value.</summary>
    private static IEnumerable<string> Steps(CommandNode node) =>
    [
        .. node.Commands.Select(static next => $"    \"{next.Path}\") at=\"{next.Path}\" ;;"),
        .. node.Options.Where(static option => option.Value is not null).Select(option =>
            $"    {string.Join(" | ", option.Names.Select(name => $"\"{node.Path} {name}\""))}) wants={Kind(option.Value!)} ;;"),
    ];

    private static string Place(CommandNode node)
    {
        string options = string.Join(' ', node.Options.SelectMany(static option => option.Names));
        string rest = node.Commands.Count > 0 ? $"\"words {string.Join(' ', node.Commands.Select(static next => next.Name))}\""
            : node.Arguments.Select(Kind).FirstOrDefault(static kind => kind != Anything) ?? "";
        return $"\"{node.Path}\") options=\"{options}\" rest={rest} ;;";
    }

    private static string Kind(ValueNode value) =>
        value.Words.Count > 0 ? $"\"words {string.Join(' ', value.Words)}\""
        : value.IsFile ? "file"
        : value.IsDirectory ? "directory"
        : Anything;
}
