using System.CommandLine;
using Concentrator.Telemetry.Log;
using Concentrator.Tools.ManualAndCompletion;

namespace Concentrator.Tools.Commands;

/// <summary><c>concentrator man</c>: writes the manual page. For package maintainers, so the help does not list it.</summary>
internal static class ManualCommand
{
    /// <summary>Defines the command line.</summary>
    /// <param name="output">Receives the page.</param>
    public static Command Create(TextWriter output)
    {
        Command manual = new("man", "Write the manual page in troff format.") { Hidden = true };
        manual.SetAction(parsed =>
        {
            output.Write(ManualPage.Of(CommandNode.Of((RootCommand)parsed.RootCommandResult.Command), ProgramVersion.Current.Number));
            return ExitCodes.Success;
        });
        return manual;
    }
}
