using System.CommandLine;
using System.Runtime.InteropServices;
using Concentrator.Ingest.Sockets;
using Concentrator.Tools.Demo;
using Spectre.Console;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator demo</c>: runs the server with embedded defaults, in this process and in a temporary directory; it needs no
/// privilege, changes nothing on the machine and leaves nothing behind.
/// </summary>
internal static class DemoCommand
{
    /// <summary>The status that a shell reports for a program ended by Ctrl-C.</summary>
    private const int Interrupted = 130;

    private const int OutOfBalance = 1;

    /// <summary>Defines the command line.</summary>
    public static Command Create(TextWriter output)
    {
        Command demo = new("demo", "Demonstrate the server, including an outage of the receiver; needs neither root nor a configuration.");
        demo.SetAction((_, stop) => ExecuteAsync(DemoPlan.Default, output, stop));
        return demo;
    }

    /// <summary>
    /// Shows the demo on <paramref name="output"/>: live on a terminal, else a line a second. Returns 0 if every message
    /// was accounted for, 1 if a number was off, 2 if a listener could not be bound, 130 if interrupted.
    /// </summary>
    public static async Task<int> ExecuteAsync(DemoPlan plan, TextWriter output, CancellationToken stop)
    {
        using DemoDirectory directory = new();
        using DemoRun run = new(plan, directory);
        await output.WriteLineAsync(
            $"""
            A whole concentrator in this process, with senders before it and an intake behind it. All its files
            are in {directory} and go with it. About twenty seconds; Ctrl-C ends it early.

            """).ConfigureAwait(false);
        try
        {
            return Conclude(await PlayAsync(run, output, stop).ConfigureAwait(false), output);
        }
        catch (AggregateException refused) when (refused.InnerExceptions.All(static e => e is BindException))
        {
            foreach (Exception reason in refused.InnerExceptions) await output.WriteLineAsync(reason.Message).ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
    }

    /// <summary>Writes the summary and returns the exit code.</summary>
    public static int Conclude(DemoResult result, TextWriter output)
    {
        bool balances = DemoSummary.Write(result, output);
        return !balances ? OutOfBalance : result.Interrupted ? Interrupted : ExitCodes.Success;
    }

    private static async Task<DemoResult> PlayAsync(DemoRun run, TextWriter output, CancellationToken stop)
    {
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stop);

        // Closing the terminal sends SIGHUP, which would make the server reload; it ends the demo.
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            ends.Cancel();
        });
        Task<DemoResult> playing = Task.Run(() => run.RunAsync(ends.Token), CancellationToken.None);
        try
        {
            await ShowAsync(run, output, playing).ConfigureAwait(false);
        }
        finally
        {
            // Still running only if the view has failed, for example because the reader of the output went away.
            if (!playing.IsCompleted) await ends.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(playing).ConfigureAwait(false);
        }
        return await playing.ConfigureAwait(false);
    }

    private static Task ShowAsync(DemoRun run, TextWriter output, Task playing)
    {
        if (!ReferenceEquals(output, Console.Out) || Console.IsOutputRedirected) return new PlainView(run, output).ShowAsync(playing);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        return console.Profile.Capabilities is { Ansi: true, Interactive: true }
            ? new LiveView(run, console).ShowAsync(playing)
            : new PlainView(run, output).ShowAsync(playing);
    }
}
