using System.Net;
using Concentrator.Telemetry;
using Microsoft.Extensions.Logging;

namespace Concentrator.Commands;

/// <summary>
/// The status pages of the running server: they come up beside it, and end with it. One caller at a time.
/// </summary>
/// <param name="address">Null = there are none.</param>
/// <param name="ledger">What they show.</param>
/// <param name="isListening">Whether every listener is bound; called by any thread.</param>
/// <param name="logs">Not owned.</param>
/// <param name="log">Told where they are.</param>
internal sealed class ServedPages(IPEndPoint? address, Ledger ledger, Func<bool> isListening, ILoggerFactory logs, ILogger log) : IAsyncDisposable
{
    private Task<StatusServer>? _starting;

    /// <summary>Begins to start them on another thread; whether they can be served is said by <see cref="ServeAsync"/>.</summary>
    public void Begin()
    {
        if (address is null) return;
        _starting = Task.Run(() => StatusServer.StartAsync(address, ledger, isListening, logs, CancellationToken.None));
    }

    /// <summary>Completes when they are served.</summary>
    /// <exception cref="StatusListenException">The address cannot be bound.</exception>
    public async Task ServeAsync()
    {
        if (_starting is null) Begin();
        if (_starting is not null) log.StatusServing((await _starting.ConfigureAwait(false)).BoundEndPoint);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _starting, null) is not { } starting) return;
        StatusServer started;
        try
        {
            started = await starting.ConfigureAwait(false);
        }
        catch (StatusListenException)
        {
            // Nothing runs; ServeAsync has said so, or something else has ended the start before.
            return;
        }
        await started.DisposeAsync().ConfigureAwait(false);
    }
}
