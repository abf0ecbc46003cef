using System.CommandLine;
using Concentrator.Configuration.Values;
using Concentrator.Tools.Pages;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator completion bash|zsh|fish</c>: writes a script by which the shell completes our command lines. It is made of the commands
/// themselves and holds all there is to say, so that no process runs for a press of the Tab key.
/// </summary>
internal static class CompletionCommand
{
    private static readonly Choice<Func<CommandNode, string>> Shells = new(("bash", BashScript.Of), ("zsh", ZshScript.Of), ("fish", FishScript.Of));

    /// <summary>The command line of it.</summary>
    /// <param name="output">The script.</param>
    /// <param name="error">Problems.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.CompletionSources.Add("bash", "zsh", "fish");
        Command completion = new("completion", "Write a script by which a shell completes these commands; packages install it.") { shell };
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
