namespace Concentrator.Tools.ManualAndCompletion;

/// <summary>
/// The script for zsh: a function per command, each a call of zsh's <c>_arguments</c>. As a file <c>_concentrator</c> in a directory of
/// <c>fpath</c> it is loaded on demand; it may also be sourced.
/// </summary>
internal static class ZshScript
{
    /// <summary>Removes configuration keys: zsh cannot describe an option with any name and would take one for the command.</summary>
    private const string WithoutKeys = """
            local -i i
            for ((i = CURRENT - 1; i > 1; i--)); do
                if [[ ${words[i]%%=*} == --*:* ]]; then
                    if [[ ${words[i]} != *=* ]] && ((i + 1 < CURRENT)); then
                        words[i+1]=()
                        ((CURRENT--))
                    fi
                    words[i]=()
                    ((CURRENT--))
                fi
            done

        """;

    public static string Of(CommandNode root) => $$"""
        #compdef concentrator
        # zsh completion for concentrator, made by: concentrator completion zsh

        {{string.Join("\n\n", root.All().Select(static node => node.Commands.Count > 0 ? Parent(node) : Leaf(node)))}}

        if [[ ${funcstack[1]} == _concentrator ]]; then
            _concentrator "$@"
        else
            compdef _concentrator concentrator
        fi

        """;

    private static string Leaf(CommandNode node) => $$"""
        {{Name(node)}}() {
            _arguments{{Specifications(node.Options.SelectMany(Option).Concat(node.Arguments.SelectMany(Argument)))}}
        }
        """;

    private static string Parent(CommandNode node) => $$"""
        {{Name(node)}}() {
            local curcontext=$curcontext state line ret=1
            local -A opt_args
            local -a commands
        {{(node.Arguments.Count > 0 ? WithoutKeys : "")}}    _arguments -C{{Specifications([.. node.Options.SelectMany(Option), "1:command:->command", "*::argument:->argument"])}} && ret=0
            case $state in
                command)
                    commands=(
        {{string.Join('\n', node.Commands.Select(static next => $"                {Quote($"{next.Name}:{CommandNode.Brief(next.Description)}")}"))}}
                    )
                    _describe -t commands command commands && ret=0
                    ;;
                argument)
                    case ${line[1]} in
        {{string.Join('\n', node.Commands.Select(static next => $"                {next.Name}) {Name(next)} && ret=0 ;;"))}}
                    esac
                    ;;
            esac
            return ret
        }
        """;

    private static string Name(CommandNode node) => $"_{node.Path.Replace(' ', '_').Replace('-', '_')}";

    private static string Specifications(IEnumerable<string> specifications) =>
        string.Concat(specifications.Select(static specification => $" \\\n        {Quote(specification)}"));

    /// <summary>One specification per spelling, each of which excludes the others.</summary>
    private static IEnumerable<string> Option(OptionNode option)
    {
        string others = option.Names.Count > 1 ? $"({string.Join(' ', option.Names)})" : "";
        string explanation = CommandNode.Brief(option.Description)
            .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal);
        string value = option.Value is null ? "" : $":{option.Value.Label}:{Action(option.Value)}";

        // With =, the value may also follow in the same word.
        return option.Names.Select(name =>
            $"{others}{name}{(option.Value is not null && name.StartsWith("--", StringComparison.Ordinal) ? "=" : "")}[{explanation}]{value}");
    }

    /// <summary>Empty if the argument cannot be completed.</summary>
    private static IEnumerable<string> Argument(ValueNode argument) =>
        Action(argument) is { Length: > 1 } action ? [$"{(argument.Repeats ? "*" : "1")}:{argument.Label}:{action}"] : [];

    private static string Action(ValueNode value) =>
        value.Words.Count > 0 ? $"({string.Join(' ', value.Words)})"
        : value.IsFile ? "_files"
        : value.IsDirectory ? "_files -/"
        : " ";

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
