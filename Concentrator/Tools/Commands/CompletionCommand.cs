using System.CommandLine;
using Concentrator.Configuration.Values;
using Concentrator.Tools.ManualAndCompletion;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator completion bash|zsh|fish</c>: writes a completion script for the shell. It is generated from the commands and
/// complete in itself, so that the Tab key starts no process.
/// </summary>
internal static class CompletionCommand
{
    private static readonly Choice<Func<CommandNode, string>> Shells = new(("bash", BashScript.Of), ("zsh", ZshScript.Of), ("fish", FishScript.Of));

    /// <summary>Defines the command line.</summary>
    /// <param name="output">Receives the script.</param>
    /// <param name="error">Receives problems.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.CompletionSources.Add("bash", "zsh", "fish");
        Command completion = new("completion", "Write the shell completion script; packages install it.") { shell };
        completion.SetAction(parsed =>
        {
            if (!Shells.Parse(parsed.GetValue(shell)!).TryGet(out Func<CommandNode, string>? script, out string? problem))
            {
                error.WriteLine($"concentrator: {problem}");
                return ExitCodes.Unusable;
            }
            output.Write(script(CommandNode.Of((RootCommand)parsed.RootCommandResult.Command)));
            return ExitCodes.Success;
        });
        return completion;
    }
}
