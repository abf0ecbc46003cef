using System.CommandLine;
using Concentrator.Configuration.Values;
using Concentrator.Tools.Status;
using Concentrator.Tools.Taps;
using Concentrator.Tools.Trace;

namespace Concentrator.Tools.Commands;

/// <summary><c>concentrator trace</c>: sends one marked message through the running server and shows how far it comes.</summary>
internal static class TraceCommand
{
    /// <summary>Exit code for a message that some output does not have.</summary>
    private const int NotEverywhere = 1;

    private const string Haproxy = "haproxy";

    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options)
    {
        Option<string?> listener = new("--listener")
        {
            Description = "Send it to this listener. Default: the first on a unix datagram socket, else the first of all.",
            HelpName = "NAME",
        };
        Option<string?> program = new("--program")
        {
            Description = $"The program (APP-NAME) of the message. Default: {TraceMark.DefaultProgram}.",
            HelpName = "NAME",
        };
        Option<string?> through = new("--through") { Description = "haproxy: let HAProxy log the message, by a request to it.", HelpName = "SENDER" };
        through.CompletionSources.Add(Haproxy);
        Option<string?> request = new("--request")
        {
            Description = "With --through haproxy: the URL of one of its frontends; the mark is added to its query.",
            HelpName = "URL",
        };
        Option<string?> limit = new("--for") { Description = "How long to wait for the outputs: 10s (default), 5m or hh:mm:ss.", HelpName = "TIME" };
        Option<bool> json = new("--json") { Description = "Print one JSON object a station, and one for the result." };
        return options.Complete(
            new Command("trace", "Send a marked message through the running server and follow it to every output; exit 0 if they all have it."),
            [listener, program, through, request, limit, json],
            (parsed, arguments, stop) =>
            {
                TimeSpan length = DefaultLimit;
                TraceProbe probe = new ListenerProbe(null, TraceMark.DefaultProgram);
                string? problem =
                    parsed.GetValue(limit) is { } time && !ShortTime.Parse(time).TryGet(out length, out string? wrong) ? $"--for: {wrong}"
                    : TryProbe(parsed.GetValue(listener), parsed.GetValue(program), parsed.GetValue(through), parsed.GetValue(request), out probe);
                if (problem is null)
                    return ExecuteAsync(SpoolOf.Find(arguments, options.Environment), probe, length, parsed.GetValue(json), options.Output, options.Error, stop);
                options.Error.WriteLine($"concentrator: {problem}");
                return Task.FromResult(ExitCodes.Unusable);
            });
    }

    /// <summary>0 = every output has it, 1 = not, or not in time, 2 = it cannot be sent or followed. <paramref name="error"/> gets the reason.</summary>
    public static async Task<int> ExecuteAsync(
        string spool, TraceProbe probe, TimeSpan limit, bool asJson, TextWriter output, TextWriter error, CancellationToken stop)
    {
        DateTimeOffset? began = null;
        try
        {
            TraceResult result = await new TraceRun(probe, Show).RunAsync(spool, limit, stop).ConfigureAwait(false);
            if (asJson)
                await output.WriteLineAsync(TraceStation.Json(json =>
                {
                    json.WriteBoolean("complete", result.IsComplete);
                    json.WriteString("text", result.Text);
                })).ConfigureAwait(false);
            else if (result.IsComplete) await output.WriteLineAsync(StatusValues.Printable(result.Text)).ConfigureAwait(false);
            if (!result.IsComplete) await error.WriteLineAsync($"concentrator: {StatusValues.Printable(result.Text)}").ConfigureAwait(false);
            return result.IsComplete ? ExitCodes.Success : NotEverywhere;
        }
        catch (Exception e) when (e is TapException || StatusQuery.IsMalformed(e))
        {
            await error.WriteLineAsync($"concentrator: {(e is TapException ? e.Message : TapException.Strange)}").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }

        bool Show(TraceStation station)
        {
            began ??= station.Time;
            output.WriteLine(asJson ? station.JsonLine(began.Value) : station.Line(began.Value));
            return true;
        }
    }

    /// <summary>Null, or what is wrong with the options.</summary>
    private static string? TryProbe(string? listener, string? program, string? through, string? request, out TraceProbe probe)
    {
        probe = new ListenerProbe(listener, program ?? TraceMark.DefaultProgram);
        if (program is not null && (program.Length is 0 or > 48 || program.AsSpan().ContainsAnyExceptInRange('!', '~') || program.AsSpan().ContainsAny(":[]")))
            return "--program: write a name of 1 to 48 letters, digits or signs, without blanks, colons and brackets";
        if (through is null) return request is null ? null : "--request: it goes with --through haproxy";
        if (!through.Equals(Haproxy, StringComparison.OrdinalIgnoreCase))
            return $"--through: {Problem.Quote(through)} is no sender that can be asked; write haproxy";
        if (listener is not null || program is not null) return "--through haproxy: the message is HAProxy's own; leave out --listener and --program";
        if (request is null) return "--through haproxy: name a URL of one of its frontends with --request, for example http://127.0.0.1/";
        if (!Uri.TryCreate(request, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
            return $"--request: {Problem.Quote(request)} is no URL; write, for example, http://127.0.0.1/";
        probe = new HaproxyProbe(url);
        return null;
    }
}
