using System.CommandLine;
using Concentrator.Telemetry.Log;
using Concentrator.Tools.Pages;

namespace Concentrator.Tools.Commands;

/// <summary><c>concentrator man</c>: writes the manual page. For those who make packages, so no help shows it.</summary>
internal static class ManualCommand
{
    /// <summary>The command line of it.</summary>
    /// <param name="output">The page.</param>
    public static Command Create(TextWriter output)
    {
        Command manual = new("man", "Write the manual page, for troff.") { Hidden = true };
        manual.SetAction(parsed =>
        {
            output.Write(ManualPage.Of(CommandNode.Of((RootCommand)parsed.RootCommandResult.Command), ProgramVersion.Current.Number));
            return ExitCodes.Success;
        });
        return manual;
    }
}
