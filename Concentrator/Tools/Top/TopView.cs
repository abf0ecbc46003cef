using Concentrator.Tools.Status;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Concentrator.Tools.Top;

/// <summary>Shows frames on the terminal's alternate screen, the newest in the place of the one before, until the user or the caller ends it.</summary>
internal sealed class TopView(IAnsiConsole console)
{
    /// <summary>How soon a key is noticed.</summary>
    private static readonly TimeSpan KeyPause = TimeSpan.FromMilliseconds(100);

    /// <param name="next">Gives the next frame to show; or why there is none.</param>
    /// <param name="interval">Between two frames.</param>
    /// <param name="stop">Ends the view, as the keys <c>q</c> and Escape do.</param>
    public async Task ShowAsync(Func<Task<(RatedReading? Frame, StatusProblem? Problem)>> next, TimeSpan interval, CancellationToken stop)
    {
        Task shown = Task.CompletedTask;
        console.AlternateScreen(() => shown = console.Live(new Text("")).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            do live.UpdateTarget(Picture(await next().ConfigureAwait(false)));
            while (await WaitAsync(interval, stop).ConfigureAwait(false));
        }));
        await shown.ConfigureAwait(false);
    }

    private Rows Picture((RatedReading? Frame, StatusProblem? Problem) latest) => new(
        (latest.Frame is { } frame
            // The live view ends each picture with a line break.
            ? TopScreen.Lines(frame, console.Profile.Width, console.Profile.Height - 1)
            : [new ScreenLine(latest.Problem?.Text ?? "", Emphasis.Bad), new ScreenLine("asked again; q ends", Emphasis.Faint)])
        .Select(static IRenderable (line) => new Text(line.Text, StyleOf(line.Emphasis))));

    /// <summary>False when the view is to end.</summary>
    private static async Task<bool> WaitAsync(TimeSpan interval, CancellationToken stop)
    {
        for (TimeSpan waited = TimeSpan.Zero; waited < interval; waited += KeyPause)
        {
            while (Console.KeyAvailable)
            {
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                if (key.Key is ConsoleKey.Q or ConsoleKey.Escape) return false;
            }
            try
            {
                await Task.Delay(KeyPause, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
        return true;
    }

    private static Style StyleOf(Emphasis emphasis) => emphasis switch
    {
        Emphasis.Faint => new Style(Color.Grey),
        Emphasis.Good => new Style(Color.Green),
        Emphasis.Warning => new Style(Color.Yellow),
        Emphasis.Bad => new Style(Color.Red),
        _ => Style.Plain,
    };
}
