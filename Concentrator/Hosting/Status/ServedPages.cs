using Concentrator.Configuration.Options;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Metrics;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting.Status;

/// <summary>
/// The status pages of the running server; they start in parallel with it and end with it. A failure to serve them, such as an address in
/// use, is logged as a warning and retried every second; it never ends the server. One caller at a time, except <see cref="Problem"/>.
/// </summary>
/// <param name="options">Null = no pages.</param>
/// <param name="view">The state that they show.</param>
/// <param name="metrics">Likewise; not owned.</param>
/// <param name="logs">Not owned.</param>
/// <param name="log">Receives their address, or why they are not served.</param>
internal sealed class ServedPages(MonitoringOptions? options, ServerView view, ServerMetrics metrics, ILoggerFactory logs, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private Task<StatusServer>? _starting;
    private Task<StatusServer?>? _serving;
    private volatile string? _problem;

    /// <summary>Why they are not served, in one line; null = they are, or are not wanted. Any thread may read it.</summary>
    public string? Problem => _problem;

    /// <summary>Begins to start them on another thread.</summary>
    public void Begin()
    {
        if (options is { } at) _starting = Task.Run(() => StartAsync(at));
    }

    /// <summary>Completes when they are served or the first attempt has failed.</summary>
    /// <param name="served">Called, on any thread, when a later attempt succeeds.</param>
    public async Task ServeAsync(Action served)
    {
        if (options is null) return;
        if (_starting is null) Begin();
        try
        {
            StatusServer server = await _starting!.ConfigureAwait(false);
            log.StatusServing(server.Where);
            _serving = Task.FromResult<StatusServer?>(server);
        }
        catch (Exception failed)
        {
            _problem = failed.Message;
            log.StatusNotServed(failed.Message);
            _serving = TryAgainAsync(options, served);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _starting, null) is not { } starting) return;
        await _end.CancelAsync().ConfigureAwait(false);
        StatusServer? server;
        try
        {
            server = _serving is null ? await starting.ConfigureAwait(false) : await _serving.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The start failed before anyone awaited it because something else ended the server; that has been logged.
            return;
        }
        if (server is not null) await server.DisposeAsync().ConfigureAwait(false);
    }

    private Task<StatusServer> StartAsync(MonitoringOptions at) => StatusServer.StartAsync(at, view, metrics, logs, CancellationToken.None);

    /// <summary>Retries until the pages are served; null if the server stops first.</summary>
    private async Task<StatusServer?> TryAgainAsync(MonitoringOptions at, Action served)
    {
        while (true)
        {
            try
            {
                await Task.Delay(Pause, _end.Token).ConfigureAwait(false);
                StatusServer server = await StartAsync(at).ConfigureAwait(false);
                _problem = null;
                log.StatusServing(server.Where);
                served();
                return server;
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception failed)
            {
                _problem = failed.Message;
            }
        }
    }
}
