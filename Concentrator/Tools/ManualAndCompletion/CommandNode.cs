using System.CommandLine;
using System.CommandLine.Completions;

namespace Concentrator.Tools.ManualAndCompletion;

/// <summary>A command of the command line as manual and completion describe it; hidden commands and options are left out.</summary>
/// <param name="Path">All its words, the program's first.</param>
/// <param name="Name">The last of them.</param>
/// <param name="Description">One or more sentences.</param>
/// <param name="Options">Its own, and those that every command has.</param>
/// <param name="Arguments">In their order.</param>
/// <param name="Commands">Its subcommands.</param>
internal sealed record CommandNode(
    string Path, string Name, string Description, IReadOnlyList<OptionNode> Options, IReadOnlyList<ValueNode> Arguments,
    IReadOnlyList<CommandNode> Commands)
{
    public const string Program = "concentrator";

    public static CommandNode Of(RootCommand root) => Of(root, Program, Program, []);

    /// <summary>This command and all below it, in the order of the help.</summary>
    public IEnumerable<CommandNode> All() => Commands.SelectMany(static command => command.All()).Prepend(this);

    /// <summary>The first sentence of a description, without its full stop, for one-line summaries.</summary>
    public static string Brief(string description)
    {
        int end = description.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? description : description[..end]).TrimEnd('.');
    }

    private static CommandNode Of(Command command, string path, string name, IReadOnlyList<OptionNode> inherited)
    {
        Option[] own = [.. command.Options.Where(static option => !option.Hidden)];
        OptionNode[] options = [.. own.Select(OptionNode.Of), .. inherited];
        OptionNode[] passedOn = [.. own.Where(static option => option.Recursive).Select(OptionNode.Of), .. inherited];
        return new CommandNode(
            path,
            name,
            command.Description ?? "",
            options,
            [.. command.Arguments.Where(static argument => !argument.Hidden).Select(ValueNode.Of)],
            [.. command.Subcommands.Where(static sub => !sub.Hidden).Select(sub => Of(sub, $"{path} {sub.Name}", sub.Name, passedOn))]);
    }
}

/// <summary>An option of a command.</summary>
/// <param name="Names">Its main name, then its aliases.</param>
/// <param name="Description">One or more sentences.</param>
/// <param name="Value">Null if it takes none.</param>
/// <param name="Default">Its value if not given; null if the description says what happens then.</param>
/// <param name="IsRequired">Whether the command requires it.</param>
internal sealed record OptionNode(IReadOnlyList<string> Names, string Description, ValueNode? Value, string? Default, bool IsRequired)
{
    public static OptionNode Of(Option option)
    {
        bool hasValue = option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);
        ValueNode? value = hasValue
            ? new ValueNode(
                option.HelpName ?? "VALUE", "", WordsOf(option.GetCompletions(CompletionContext.Empty)), IsRequired: true, Repeats: false)
            : null;
        string? otherwise = hasValue && option.HasDefaultValue ? option.GetDefaultValue()?.ToString() : null;
        return new OptionNode([option.Name, .. option.Aliases.Where(IsUsual)], option.Description ?? "", value, otherwise, option.Required);
    }

    public static IReadOnlyList<string> WordsOf(IEnumerable<CompletionItem> items) => [.. items.Select(static item => item.Label)];

    /// <summary>Excludes aliases in the style of other systems: <c>/?</c> and <c>-?</c>.</summary>
    private static bool IsUsual(string alias) => alias.StartsWith('-') && alias.All(static c => c == '-' || char.IsAsciiLetterOrDigit(c));
}

/// <summary>A value: of an option, or an argument of a command.</summary>
/// <param name="Label">Its name in the help.</param>
/// <param name="Description">Empty for an option's value, which the option describes.</param>
/// <param name="Words">All possible values; empty if they cannot be listed.</param>
/// <param name="IsRequired">Whether it must be given.</param>
/// <param name="Repeats">Whether there may be several.</param>
internal sealed record ValueNode(string Label, string Description, IReadOnlyList<string> Words, bool IsRequired, bool Repeats)
{
    public bool IsFile => Label == "FILE";

    public bool IsDirectory => Label == "DIR";

    public static ValueNode Of(Argument argument) => new(
        argument.HelpName ?? argument.Name,
        argument.Description ?? "",
        OptionNode.WordsOf(argument.GetCompletions(CompletionContext.Empty)),
        argument.Arity.MinimumNumberOfValues > 0,
        argument.Arity.MaximumNumberOfValues > 1);
}
