using System.Net;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting.Status;

/// <summary>
/// The status pages of the running server: they come up beside it, and end with it. What keeps them from being served, as another program
/// at their address, is a warning and tried again every second: it never ends the server. One caller at a time, <see cref="Problem"/> apart.
/// </summary>
/// <param name="address">Null = there are none.</param>
/// <param name="view">What they show.</param>
/// <param name="logs">Not owned.</param>
/// <param name="log">Told where they are, or why they are not.</param>
internal sealed class ServedPages(IPEndPoint? address, ServerView view, ILoggerFactory logs, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private Task<StatusServer>? _starting;
    private Task<StatusServer?>? _serving;
    private volatile string? _problem;

    /// <summary>Why they are not served, in one line; null = they are, or are not wanted. Any thread may ask.</summary>
    public string? Problem => _problem;

    /// <summary>Begins to start them on another thread.</summary>
    public void Begin()
    {
        if (address is { } at) _starting = Task.Run(() => StartAsync(at));
    }

    /// <summary>Completes when they are served, or have failed to be for the first time.</summary>
    /// <param name="served">Called when they are served after all, on any thread.</param>
    public async Task ServeAsync(Action served)
    {
        if (address is null) return;
        if (_starting is null) Begin();
        try
        {
            StatusServer server = await _starting!.ConfigureAwait(false);
            log.StatusServing(server.BoundEndPoint);
            _serving = Task.FromResult<StatusServer?>(server);
        }
        catch (Exception failed)
        {
            _problem = failed.Message;
            log.StatusNotServed(failed.Message);
            _serving = TryAgainAsync(address, served);
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
            // Something else has ended the start before anybody asked for the pages; that has been said.
            return;
        }
        if (server is not null) await server.DisposeAsync().ConfigureAwait(false);
    }

    private Task<StatusServer> StartAsync(IPEndPoint at) => StatusServer.StartAsync(at, view, logs, CancellationToken.None);

    /// <summary>Null when the server stops before.</summary>
    private async Task<StatusServer?> TryAgainAsync(IPEndPoint at, Action served)
    {
        while (true)
        {
            try
            {
                await Task.Delay(Pause, _end.Token).ConfigureAwait(false);
                StatusServer server = await StartAsync(at).ConfigureAwait(false);
                _problem = null;
                log.StatusServing(server.BoundEndPoint);
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
