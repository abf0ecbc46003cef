using System.ComponentModel;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>What a command has said, both streams together, and its exit code.</summary>
internal sealed record CommandResult(int ExitCode, string Output);

/// <summary>Runs the host's own commands, such as <c>systemctl</c>; a test has others.</summary>
internal interface IHostCommands
{
    /// <summary>Runs a program to its end. Never throws for what the program does: a result that is not 0 says it.</summary>
    Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop);
}

/// <summary>The real ones. Each has a deadline, and is killed when it is over.</summary>
internal sealed class HostCommands : IHostCommands
{
    /// <summary>systemd itself gives a unit 90 s to start.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);

    private const int NotRun = 127;
    private const int TooLong = 124;

    public async Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        try
        {
            (int exitCode, string output, string errors) = await ProgramOutput.RunAsync(program, arguments, Deadline, stop).ConfigureAwait(false);
            return new CommandResult(exitCode, output + errors);
        }
        catch (Win32Exception e)
        {
            return new CommandResult(NotRun, e.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new CommandResult(TooLong, FormattableString.Invariant($"did not end within {Deadline.TotalSeconds:0} s"));
        }
    }
}
