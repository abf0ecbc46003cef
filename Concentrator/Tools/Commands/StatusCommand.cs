using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.Json;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;
using Concentrator.Hosting.Status;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator status</c>: asks the server that runs with the same configuration for its <see cref="StatusDocument"/> and prints it as
/// plain text of at most 80 columns, or unchanged.
/// </summary>
internal static class StatusCommand
{
    /// <summary>Exit code for a server that is not ready or does not answer.</summary>
    private const int NotReady = 1;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Bytes. A server with a thousand outputs sends two megabytes; other programs may answer without end.</summary>
    private const long LongestAnswer = 16 * 1024 * 1024;

    /// <summary>Defines the command line.</summary>
    public static Command Create(ConfiguredOptions options)
    {
        Option<bool> json = new("--json") { Description = "Print the server's /status.json document unchanged." };
        return options.Complete(
            new Command("status", "Show the running server's state: listeners, outputs, ledger, queues, last errors; exit 0 if it is ready."), [json],
            (parsed, arguments, stop) => ExecuteAsync(arguments, parsed.GetValue(json), options.Environment, options.Output, options.Error, stop));
    }

    /// <summary>0 = ready, 1 = not ready or no answer, 2 = no server to ask. <paramref name="error"/> gets the reason, one line.</summary>
    public static async Task<int> ExecuteAsync(
        RunArguments arguments, bool asJson, ConfigurationEnvironment environment, TextWriter output, TextWriter error, CancellationToken stop)
    {
        if (MonitoredAddress.Find(arguments, environment, error) is not { } asked) return ExitCodes.Unusable;
        Uri page = StatusClient.Page(asked.Address, "status.json");
        (string? answer, string? problem, int exitCode) = await AskAsync(page, asked.Doubt, stop).ConfigureAwait(false);
        if (answer is null) return await RefuseAsync(problem!, exitCode).ConfigureAwait(false);

        using JsonDocument? document = TryParse(answer);
        if (document is null || VersionOf(document.RootElement) is not { } version)
            return await RefuseAsync(Stranger(page), ExitCodes.Unusable).ConfigureAwait(false);
        if (version != StatusDocument.Version)
        {
            string other = FormattableString.Invariant(
                $"the server at {page} reports status version {version}, but this command supports version {StatusDocument.Version}; use the server's own binary");
            return await RefuseAsync(other, ExitCodes.Unusable).ConfigureAwait(false);
        }
        if (TryReport(document.RootElement, out bool isReady) is not { } lines)
            return await RefuseAsync(Stranger(page), ExitCodes.Unusable).ConfigureAwait(false);
        if (asJson) await output.WriteAsync(answer).ConfigureAwait(false);
        else foreach (string line in lines) await output.WriteLineAsync(line).ConfigureAwait(false);
        return isReady ? ExitCodes.Success : NotReady;

        async Task<int> RefuseAsync(string why, int code)
        {
            await error.WriteLineAsync($"concentrator: {why}").ConfigureAwait(false);
            return code;
        }
    }

    /// <summary>The answer, or why there is none and the exit code for that.</summary>
    private static async Task<(string? Answer, string? Problem, int ExitCode)> AskAsync(Uri page, string doubt, CancellationToken stop)
    {
        using HttpClient client = StatusClient.Create(Limit);
        client.MaxResponseContentBufferSize = LongestAnswer;
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(page, stop).ConfigureAwait(false);
            string text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false));
            if (answer.IsSuccessStatusCode) return (text, null, ExitCodes.Success);
            return answer.StatusCode == HttpStatusCode.NotFound && text == StatusPages.NoSuchPage
                ? (null, $"the server at {page} runs an older version without /status.json; restart it", ExitCodes.Unusable)
                : (null, Stranger(page), ExitCodes.Unusable);
        }
        catch (HttpRequestException foreign)
            when (foreign.HttpRequestError is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded)
        {
            return (null, Stranger(page), ExitCodes.Unusable);
        }
        catch (HttpRequestException unreachable)
        {
            return (null, $"no server answers at {page}: {unreachable.Message}; check that it is running and which status address its log reports: "
                + $"systemctl status concentrator{doubt}", NotReady);
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, FormattableString.Invariant($"the server at {page} did not answer within {Limit.TotalSeconds:0} s"), NotReady);
        }
    }

    /// <summary>The error for an answer from another program: if its address is in use, the server runs without status pages.</summary>
    private static string Stranger(Uri page) =>
        $"another program answers at {page}, so the server, if running, has no status pages: find the process (ss -ltnp 'sport = :{page.Port}') "
        + "and stop it, or change Monitoring:Address; systemctl status concentrator shows the server's state";

    private static JsonDocument? TryParse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Null if it is not a document of that version, despite its version number.</summary>
    private static IReadOnlyList<string>? TryReport(JsonElement status, out bool isReady)
    {
        isReady = false;
        try
        {
            isReady = status.GetProperty("ready").GetBoolean();
            return StatusReport.Lines(status);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            // A member that every valid document has is missing or of another type.
            return null;
        }
    }

    /// <summary>The document's version; null if it is not one of ours.</summary>
    private static int? VersionOf(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("listeners", out _) && root.TryGetProperty("ready", out _)
        && root.TryGetProperty("version", out JsonElement version) && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out int number)
            ? number
            : null;
}
