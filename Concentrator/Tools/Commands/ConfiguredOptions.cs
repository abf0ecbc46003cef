using System.CommandLine;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;

namespace Concentrator.Tools.Commands;

/// <summary>
/// The options of every command that reads the configuration: the file or the intakes, and keys that override both. One instance is
/// shared by all commands of a command line.
/// </summary>
/// <param name="environment">Source of defaults and variables.</param>
/// <param name="output">Receives the output of a command.</param>
/// <param name="error">Receives reasons not to start, one a line.</param>
internal sealed class ConfiguredOptions(ConfigurationEnvironment environment, TextWriter output, TextWriter error)
{
    private readonly Option<string?> _config = new("--config")
    {
        Description = $"Configuration file. Default: {ConfigurationEnvironment.StandardFile} if it exists, otherwise the built-in "
            + "HAProxy default.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _intakes = new("--intakes")
    {
        Description = $"Sekoia.io's intakes.yaml instead of a configuration file. Default: {ConfigurationEnvironment.StandardIntakes} if it exists and there is "
            + "no configuration file.",
        HelpName = "FILE",
    };

    private readonly Argument<string[]> _keys = new("--Section:Key=value")
    {
        Description = "Configuration keys that override file and environment, for example --Spool:MaxSize=1GB.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public ConfigurationEnvironment Environment => environment;

    public TextWriter Output => output;

    public TextWriter Error => error;

    /// <summary>Adds these options and the command's own to a command, and sets its action.</summary>
    /// <param name="command">A command without options.</param>
    /// <param name="own">Its own options, shown between the files and the keys.</param>
    /// <param name="execute">Called with the given files and keys; returns the exit code.</param>
    /// <returns>The same command.</returns>
    public T Complete<T>(T command, IEnumerable<Option> own, Func<ParseResult, RunArguments, CancellationToken, Task<int>> execute)
        where T : Command
    {
        command.Add(_config);
        command.Add(_intakes);
        foreach (Option option in own) command.Add(option);
        command.Add(_keys);
        command.SetAction((parsed, stop) => TryRead(parsed) is { } arguments ? execute(parsed, arguments, stop) : Task.FromResult(ExitCodes.Unusable));
        return command;
    }

    /// <summary>Reads the options; null after reporting why they cannot be used.</summary>
    private RunArguments? TryRead(ParseResult parsed)
    {
        if (parsed.GetValue(_config) is not null && parsed.GetValue(_intakes) is not null)
            return Refuse("--config and --intakes exclude each other; use only one of them");
        Command root = parsed.RootCommandResult.Command;
        IEnumerable<string> words = root.Subcommands.Where(static known => !known.Hidden).Select(static known => known.Name)
            .Concat(root.Options.Select(static known => known.Name));
        return ConfigurationOverride.TryParse(
            parsed.GetValue(_keys) ?? [], words, out IReadOnlyList<ConfigurationOverride> overrides, out string? problem)
            ? new RunArguments(parsed.GetValue(_config), overrides) { IntakesFile = parsed.GetValue(_intakes) }
            : Refuse(problem);
    }

    private RunArguments? Refuse(string problem)
    {
        error.WriteLine($"concentrator: {problem}");
        return null;
    }
}
