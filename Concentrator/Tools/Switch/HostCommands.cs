using System.ComponentModel;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>The exit code of a command and its output, both streams together.</summary>
internal sealed record CommandResult(int ExitCode, string Output);

/// <summary>Runs the host's commands, such as <c>systemctl</c>. Tests replace it.</summary>
internal interface IHostCommands
{
    /// <summary>Runs a program to its end. Does not throw when the program fails: the exit code tells.</summary>
    Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop);
}

/// <summary>Runs the real commands. Each has a deadline, after which it is killed.</summary>
internal sealed class HostCommands : IHostCommands
{
    /// <summary>systemd itself allows a unit 90 s to start.</summary>
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
