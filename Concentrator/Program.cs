using System.CommandLine;
using System.Runtime.InteropServices;
using Concentrator.Configuration.Loading;
using Concentrator.Tools.Commands;

namespace Concentrator;

/// <summary>The entry point: signals and the command line.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        using CancellationTokenSource stop = new();
        // A clean stop takes as long as ShutdownTimeout allows, so nothing here sets a deadline; a second signal ends the process.
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnce);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnce);
        return await InvokeAsync(args, ConfigurationEnvironment.Current(), Console.Out, Console.Error, stop.Token).ConfigureAwait(false);

        void StopOnce(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    /// <summary>Parses the command line and runs the command; returns the exit code.</summary>
    public static async Task<int> InvokeAsync(
        string[] args, ConfigurationEnvironment environment, TextWriter output, TextWriter error, CancellationToken stop)
    {
        ParseResult result = CommandTree.Parse(CommandTree.Create(environment, output, error), args);
        if (result.Errors.Count > 0)
        {
            await error.WriteLineAsync($"concentrator: {result.Errors[0].Message}").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        return await result.InvokeAsync(
            new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            },
            stop).ConfigureAwait(false);
    }
}
