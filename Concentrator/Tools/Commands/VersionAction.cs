using System.CommandLine;
using System.CommandLine.Invocation;
using Concentrator.Telemetry.Log;

namespace Concentrator.Tools.Commands;

/// <summary><c>concentrator --version</c>: one line with the program's name, its version, and the commit if the build knew it.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"concentrator {ProgramVersion.Current}");
        return ExitCodes.Success;
    }
}
