using System.ComponentModel;
using System.Diagnostics;

namespace Concentrator.Tools.Doctor;

/// <summary>Runs a program of this host and reads its output.</summary>
internal static class ProgramOutput
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The program's standard output; null when it cannot be run (such as a container's, whose libraries are missing here), exits with an
    /// error or misses the deadline.
    /// </summary>
    public static async Task<string?> OfAsync(string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        try
        {
            (int exitCode, string said, _) = await RunAsync(program, arguments, Deadline, stop).ConfigureAwait(false);
            return exitCode == 0 ? said : null;
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException
            || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Expected: the caller reports what is unknown.
            return null;
        }
    }

    /// <summary>Runs a program to its end, or kills it at the limit.</summary>
    /// <exception cref="Win32Exception">The program cannot be run.</exception>
    /// <exception cref="OperationCanceledException">The program did not end within the limit, or the caller cancels.</exception>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan limit, CancellationToken stop)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(limit);
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            // Both streams are read, because a program blocks when the pipe of its errors is full.
            Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token), errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
