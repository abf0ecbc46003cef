using System.ComponentModel;
using System.Diagnostics;

namespace Concentrator.Doctor;

/// <summary>What a program of this host says when it is asked.</summary>
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
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
            deadline.CancelAfter(Deadline);
            using Process? asked = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (asked is null) return null;
            try
            {
                // Both are read: a program that waits for room to complain never ends.
                Task<string> complaints = asked.StandardError.ReadToEndAsync(deadline.Token);
                string said = await asked.StandardOutput.ReadToEndAsync(deadline.Token).ConfigureAwait(false);
                await complaints.ConfigureAwait(false);
                await asked.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
                return asked.ExitCode == 0 ? said : null;
            }
            finally
            {
                if (!asked.HasExited) asked.Kill();
            }
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException
            || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Expected: the caller says what is unknown then.
            return null;
        }
    }
}
