using System.CommandLine;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;
using Concentrator.Tools.Status;
using Concentrator.Tools.Top;
using Spectre.Console;

namespace Concentrator.Tools.Commands;

/// <summary><c>concentrator top</c>: shows the rates, queues and connections of the running server, live in a terminal or once.</summary>
internal static class TopCommand
{
    /// <summary>Exit code for a server that does not answer.</summary>
    private const int NoAnswer = 1;

    /// <summary>Rows of <c>--once</c>, which has no terminal that would limit them.</summary>
    private const int ManyRows = 10_000;

    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options)
    {
        Option<bool> once = new("--once") { Description = "Print one screen as plain text, with the rates of one interval, and end." };
        Option<bool> json = new("--json") { Description = "Print one line of JSON an interval; with --once only one." };
        Option<double> interval = new("--interval")
        {
            Description = "Seconds between two looks, 0.2 to 60; default 1.",
            HelpName = "SECONDS",
            DefaultValueFactory = static _ => 1,
        };
        interval.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0.2 and <= 60)) result.AddError("--interval takes seconds from 0.2 to 60");
        });
        return options.Complete(
            new Command("top", "Watch the running server: rates, queues, connections, losses; q ends it."), [once, json, interval],
            (parsed, arguments, stop) => ExecuteAsync(
                arguments, parsed.GetValue(once), parsed.GetValue(json), TimeSpan.FromSeconds(parsed.GetValue(interval)),
                options.Environment, options.Output, options.Error, stop));
    }

    /// <summary>0 = shown, 1 = the server does not answer, 2 = no server to ask or no terminal. <paramref name="error"/> gets the reason.</summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, bool once, bool asJson, TimeSpan interval, ConfigurationEnvironment environment,
        TextWriter output, TextWriter error, CancellationToken stop)
    {
        if (MonitoredAddress.Find(arguments, environment, error) is not { } asked) return ExitCodes.Unusable;
        using StatusQuery query = new(asked);
        ReadingSource frames = new(query, stop);
        if (once || asJson) return await PrintAsync(frames, once, asJson, interval, output, error, stop).ConfigureAwait(false);
        if (Terminal(output) is not { } console)
        {
            await error.WriteLineAsync("concentrator: standard output is not a terminal; use --once or --json").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        await new TopView(console).ShowAsync(frames.NextAsync, interval, stop).ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private static async Task<int> PrintAsync(
        ReadingSource frames, bool once, bool asJson, TimeSpan interval, TextWriter output, TextWriter error, CancellationToken stop)
    {
        // The first frame has no rates.
        for (bool isFirst = true; !stop.IsCancellationRequested; isFirst = false)
        {
            (RatedReading? frame, StatusProblem? problem) = await frames.NextAsync().ConfigureAwait(false);
            if (frame is null)
            {
                if (stop.IsCancellationRequested) break;
                await error.WriteLineAsync($"concentrator: {problem!.Text}").ConfigureAwait(false);
                return problem.IsReached ? ExitCodes.Unusable : NoAnswer;
            }
            if (!isFirst)
            {
                if (asJson) await output.WriteLineAsync(TopJson.Line(frame)).ConfigureAwait(false);
                else foreach (ScreenLine line in TopScreen.Lines(frame, TopScreen.LeastWidth, ManyRows)) await output.WriteLineAsync(line.Text).ConfigureAwait(false);
                await output.FlushAsync(stop).ConfigureAwait(false);
                if (once) break;
            }
            await Task.Delay(interval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return ExitCodes.Success;
    }

    /// <summary>Null if the output is not a terminal that can move its cursor and has a keyboard.</summary>
    private static IAnsiConsole? Terminal(TextWriter output)
    {
        if (!ReferenceEquals(output, Console.Out) || Console.IsOutputRedirected || Console.IsInputRedirected) return null;
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings { Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output) });
        return console.Profile.Capabilities.Ansi ? console : null;
    }
}
