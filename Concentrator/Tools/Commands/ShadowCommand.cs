using System.CommandLine;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Ingest.Sockets;
using Concentrator.Telemetry.Log;
using Concentrator.Tools.Shadow;
using Microsoft.Extensions.Logging;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator shadow --against FILE</c>: shows before a switch what would change. rsyslog is left as it is; HAProxy gets a
/// second <c>log</c> line to our address, and the outputs of both are compared.
/// </summary>
internal static class ShadowCommand
{
    private const int Differs = 1;

    private static readonly ListenAddress DefaultAddress = new(Transport.UnixDatagram, "/var/lib/haproxy/dev/shadow", null);

    /// <summary>Defines the command line.</summary>
    /// <param name="output">Receives the report.</param>
    /// <param name="error">Receives reasons not to start.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> against = new("--against")
        {
            Description = "File that rsyslog writes from the same messages, for example /var/log/haproxy.log.",
            HelpName = "FILE",
            Required = true,
        };
        Option<string?> listen = new("--listen")
        {
            Description = $"Address to receive them on. Default: {DefaultAddress}; add a second line to haproxy.cfg: "
                + "log /dev/shadow len 8192 local0",
            HelpName = "ADDRESS",
        };
        Option<string?> format = new("--format") { Description = "File format of the server's output: traditional or rfc3339. Default: the format of the other file.", HelpName = "FORMAT" };
        format.CompletionSources.Add("traditional", "rfc3339");
        Option<string?> duration = new("--for") { Description = "Duration, as hh:mm:ss. Default: until Ctrl-C.", HelpName = "TIME" };
        Command shadow = new("shadow", "Compare what the server would write with what rsyslog writes from the same messages.") { against, listen, format, duration };
        shadow.SetAction(async (parsed, stop) =>
        {
            if (!TryRead(parsed.GetValue(listen), ListenAddressParser.Parse, "--listen", error, out ListenAddress? address)
                || !TryRead(parsed.GetValue(format), Choices.FileFormat.Parse, "--format", error, out FileFormat? written)
                || !TryRead(parsed.GetValue(duration), static text => Duration.Parse(text, TimeSpan.FromSeconds(1), TimeSpan.FromDays(31)), "--for", error, out TimeSpan length))
                return ExitCodes.Unusable;
            using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
            if (length > TimeSpan.Zero) ends.CancelAfter(length);
            return await ExecuteAsync(address ?? DefaultAddress, written, parsed.GetValue(against)!, output, error, ends.Token).ConfigureAwait(false);
        });
        return shadow;
    }

    /// <summary>Runs until stopped. Returns 0 = only known differences, 1 = others or nothing to compare, 2 = not possible.</summary>
    public static async Task<int> ExecuteAsync(
        ListenAddress address, FileFormat? format, string against, TextWriter output, TextWriter error, CancellationToken stop)
    {
        using ILoggerFactory logs = ServerLog.CreateForConsole(LogLevel.Warning, TimeProvider.System, new Ledger());
        ShadowRun run = new(address, format, against, TimeProvider.System, logs.CreateLogger("shadow"));
        try
        {
            await output.WriteLineAsync($"listening on {address}, comparing with {against}; press Ctrl-C to stop").ConfigureAwait(false);
            ShadowTally tally = await run.RunAsync(stop).ConfigureAwait(false);
            ShadowReport.Write(tally, against, output);
            return ShadowReport.IsGood(tally) ? ExitCodes.Success : Differs;
        }
        catch (AggregateException refused) when (refused.InnerExceptions.All(static e => e is BindException))
        {
            foreach (Exception reason in refused.InnerExceptions) await error.WriteLineAsync(reason.Message).ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"concentrator: {refused.Message}").ConfigureAwait(false);
            return ExitCodes.Unusable;
        }
    }

    /// <summary>Parses an option; one that is not given is valid and yields the default.</summary>
    private static bool TryRead<T>(string? text, Func<string, Parsed<T?>> parse, string option, TextWriter error, out T? value)
    {
        value = default;
        if (text is null || parse(text).TryGet(out value, out string? problem)) return true;
        error.WriteLine($"concentrator: {option}: {problem}");
        return false;
    }
}
