using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Concentrator.Hosting.Status;

namespace Concentrator.Tools.Status;

/// <summary>
/// Asks the running server for its <see cref="StatusDocument"/>, as often as wanted over one connection. One caller at a time.
/// </summary>
internal sealed class StatusQuery : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Bytes. A server with a thousand outputs sends two megabytes; other programs may answer without end.</summary>
    private const long LongestAnswer = 16 * 1024 * 1024;

    private readonly StatusClient _client;
    private readonly Uri _page;
    private readonly string _where;
    private readonly string _doubt;
    private readonly string _holders;

    /// <param name="asked">The server to ask.</param>
    public StatusQuery(MonitoredAddress asked)
    {
        _client = new StatusClient(asked.Monitoring, Limit);
        _client.Http.MaxResponseContentBufferSize = LongestAnswer;
        _page = _client.Page("status.json");
        _where = _client.Where("status.json");
        _doubt = asked.Doubt;
        _holders = asked.Monitoring.Address.Path is { } path
            ? $"fuser -v {path}"
            : string.Create(CultureInfo.InvariantCulture, $"ss -ltnp 'sport = :{_page.Port}'");
    }

    /// <summary>The error for an answer from another program: if its address is in use, the server runs without status pages.</summary>
    public StatusProblem Stranger => new(
        $"another program answers at {_where}, so the server, if running, has no status pages: find the process ({_holders}) "
        + "and stop it, or change Monitoring:Address; systemctl status concentrator shows the server's state", IsReached: true);

    /// <summary>
    /// The document as text and parsed, of the version that this program knows; or why there is none. The caller disposes the document.
    /// </summary>
    public async Task<(string Text, JsonDocument? Document, StatusProblem? Problem)> AskAsync(CancellationToken stop)
    {
        (string? text, StatusProblem? problem) = await ReadAsync(stop).ConfigureAwait(false);
        if (text is null) return ("", null, problem);
        JsonDocument? document = TryParse(text);
        if (document is not null && VersionOf(document.RootElement) is { } version)
        {
            if (version == StatusDocument.Version) return (text, document, null);
            problem = new StatusProblem(FormattableString.Invariant(
                $"the server at {_where} reports status version {version}, but this command supports version {StatusDocument.Version}; use the server's own binary"),
                IsReached: true);
        }
        document?.Dispose();
        return ("", null, problem ?? Stranger);
    }

    /// <summary>Whether reading a document failed because a member that every valid one has is missing or of another type.</summary>
    public static bool IsMalformed(Exception e) =>
        e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or OverflowException;

    public void Dispose() => _client.Dispose();

    private async Task<(string? Text, StatusProblem? Problem)> ReadAsync(CancellationToken stop)
    {
        try
        {
            using HttpResponseMessage answer = await _client.Http.GetAsync(_page, stop).ConfigureAwait(false);
            string text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false));
            if (answer.IsSuccessStatusCode) return (text, null);
            return (null, (answer.StatusCode, text) switch
            {
                (HttpStatusCode.NotFound, StatusPages.NoSuchPage) =>
                    new StatusProblem($"the server at {_where} runs an older version without /status.json; restart it", IsReached: true),
                (HttpStatusCode.Unauthorized, StatusPages.NoToken) => new StatusProblem(
                    $"the server at {_where} asks for its token: run this command with the server's configuration, as a user who can read it{_doubt}", IsReached: true),
                _ => Stranger,
            });
        }
        catch (HttpRequestException foreign)
            when (foreign.HttpRequestError is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded)
        {
            return (null, Stranger);
        }
        catch (HttpRequestException unreachable)
        {
            return (null, new StatusProblem(
                $"no server answers at {_where}: {unreachable.Message}; check that it is running and which status address its log reports: "
                + $"systemctl status concentrator{_doubt}", IsReached: false));
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, new StatusProblem(
                FormattableString.Invariant($"the server at {_where} did not answer within {Limit.TotalSeconds:0} s"), IsReached: false));
        }
    }

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

    /// <summary>The document's version; null if it is not one of ours.</summary>
    private static int? VersionOf(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("listeners", out _) && root.TryGetProperty("ready", out _)
        && root.TryGetProperty("version", out JsonElement version) && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out int number)
            ? number
            : null;
}

/// <summary>Why there is no status document, in one line.</summary>
/// <param name="IsReached">Whether something answers at the address that is not a server of this version.</param>
internal sealed record StatusProblem(string Text, bool IsReached);
