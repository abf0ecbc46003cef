using System.ComponentModel;
using System.Diagnostics;

namespace Concentrator.Tools.Doctor;

/// <summary>What a program of this host says when it is run.</summary>
internal static class ProgramOutput
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Its standard output; null where it cannot be run, as one of a container whose libraries are not here, says nothing in time, or exits with an
    /// error.
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
            // Expected: the caller says what is unknown then.
            return null;
        }
    }

    /// <summary>Runs it to its end, or kills it.</summary>
    /// <exception cref="Win32Exception">It cannot be run.</exception>
    /// <exception cref="OperationCanceledException">It did not end within the limit, or the caller gives up.</exception>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan limit, CancellationToken stop)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(limit);
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            // Both are read: a program that waits for room to complain never ends.
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
