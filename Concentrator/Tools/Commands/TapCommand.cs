using System.CommandLine;
using System.Text.Json;
using Concentrator.Configuration.Loading;
using Concentrator.Taps;
using Concentrator.Tools.Status;
using Concentrator.Tools.Taps;

namespace Concentrator.Tools.Commands;

/// <summary>How <c>concentrator tap</c> shows messages, and when it ends.</summary>
/// <param name="View">As text.</param>
/// <param name="AsJson">The lines of the server instead, unchanged.</param>
/// <param name="For">Ends after this time; zero = never.</param>
internal sealed record TapDisplay(TapView View, bool AsJson, TimeSpan For);

/// <summary><c>concentrator tap</c>: shows the messages that the running server receives, as it receives them.</summary>
internal static class TapCommand
{
    /// <summary>Exit code for a server that went away without a last line.</summary>
    private const int ServerGone = 1;

    private static readonly (string Word, TapView View)[] Views =
        [("received", TapView.Received), ("parsed", TapView.Parsed), ("frame", TapView.Frame)];

    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options)
    {
        Option<string?> listener = new("--listener") { Description = "Only messages of this listener.", HelpName = "NAME" };
        Option<string?> output = new("--output") { Description = "Only messages that a route sends to this output.", HelpName = "NAME" };
        Option<string?> program = new("--program")
        {
            Description = "Only messages whose program (APP-NAME, or its part before / : [) matches; * and ? stand for any.",
            HelpName = "PATTERN",
        };
        Option<string?> severity = new("--severity")
        {
            Description = "Only messages of this severity or worse, or of a range: err, debug..notice.",
            HelpName = "SEVERITY",
        };
        Option<string?> text = new("--text") { Description = "Only messages that contain this text, anywhere.", HelpName = "TEXT" };
        Option<string?> view = new("--as")
        {
            Description = "received (default): the bytes, control bytes as #012. parsed: each field by its name, and the routes. "
                + "frame: what --output sends, its key masked.",
            HelpName = "VIEW",
        };
        view.CompletionSources.Add(Views.Select(static known => known.Word).ToArray());
        Option<long?> limit = new("--limit") { Description = "End after so many messages.", HelpName = "COUNT" };
        Option<string?> duration = new("--for")
        {
            Description = "End after this time: 10s, 5m, 1h or hh:mm:ss. Default: until Ctrl-C.",
            HelpName = "TIME",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object a message, with everything that is known about it." };
        return options.Complete(
            new Command("tap", "Watch the messages of the running server: as received, parsed, or as sent."),
            [listener, output, program, severity, text, view, limit, duration, json],
            (parsed, arguments, stop) =>
            {
                TapRequest request = new()
                {
                    Listener = parsed.GetValue(listener),
                    Output = parsed.GetValue(output),
                    Program = parsed.GetValue(program),
                    Text = parsed.GetValue(text),
                    Limit = parsed.GetValue(limit) ?? 0,
                };
                TapView shown = TapView.Received;
                byte severities = byte.MaxValue;
                TimeSpan length = TimeSpan.Zero;
                string? problem =
                    parsed.GetValue(view) is { } word && !TryView(word, out shown) ? "--as: write received, parsed or frame"
                    : parsed.GetValue(severity) is { } wanted && !SeverityCondition.Parse(wanted).TryGet(out severities, out string? wrong) ? $"--severity: {wrong}"
                    : parsed.GetValue(duration) is { } time && !ShortTime.Parse(time).TryGet(out length, out wrong) ? $"--for: {wrong}"
                    : parsed.GetValue(limit) is < 1 ? "--limit: write how many messages to show, 1 or more"
                    : shown == TapView.Frame && request.Output is null ? "--as frame: name the output whose frame to show with --output"
                    : null;
                if (problem is null)
                    return ExecuteAsync(
                        SpoolOf.Find(arguments, options.Environment), request with { Severities = severities, WithFrame = shown == TapView.Frame },
                        new TapDisplay(shown, parsed.GetValue(json), length), options.Output, options.Error, stop);
                options.Error.WriteLine($"concentrator: {problem}");
                return Task.FromResult(ExitCodes.Unusable);
            });
    }

    /// <summary>0 = ended as asked, 1 = the server went away, 2 = no server to ask. <paramref name="error"/> gets the reason, or the counts.</summary>
    public static async Task<int> ExecuteAsync(
        string spool, TapRequest request, TapDisplay display, TextWriter output, TextWriter error, CancellationToken stop)
    {
        output = TapOutput.Of(output);
        try
        {
            using TapClient tap = await TapClient.OpenAsync(spool, request).ConfigureAwait(false);
            using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
            if (display.For > TimeSpan.Zero) ends.CancelAfter(display.For);
            using CancellationTokenRegistration end = ends.Token.Register(tap.End);
            while (await tap.ReadAsync().ConfigureAwait(false) is { } line)
            {
                using (line) await ShowAsync(line, display, output, error).ConfigureAwait(false);
            }
            if (tap.HasEnded || stop.IsCancellationRequested) return ExitCodes.Success;
            await error.WriteLineAsync($"concentrator: process {tap.Pid} has gone away").ConfigureAwait(false);
            return ServerGone;
        }
        catch (Exception e) when (e is TapException || StatusQuery.IsMalformed(e))
        {
            await error.WriteLineAsync($"concentrator: {(e is TapException ? e.Message : TapException.Strange)}").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        catch (IOException)
        {
            // Expected: who reads the output has closed it, as head(1) does.
            return ExitCodes.Success;
        }
    }

    private static async Task ShowAsync(JsonDocument line, TapDisplay display, TextWriter output, TextWriter error)
    {
        switch (TapClient.TypeOf(line))
        {
            case "message" when display.AsJson:
                await output.WriteLineAsync(line.RootElement.GetRawText()).ConfigureAwait(false);
                break;
            case "message":
                foreach (string shown in TapText.Message(line.RootElement, display.View)) await output.WriteLineAsync(shown).ConfigureAwait(false);
                break;
            case "end":
                await output.FlushAsync().ConfigureAwait(false);
                await error.WriteLineAsync($"concentrator: {TapText.Summary(line.RootElement)}").ConfigureAwait(false);
                break;
        }
    }

    private static bool TryView(string word, out TapView view)
    {
        foreach ((string known, TapView meant) in Views)
        {
            view = meant;
            if (known.Equals(word, StringComparison.OrdinalIgnoreCase)) return true;
        }
        view = default;
        return false;
    }
}
