using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;

namespace Concentrator.Hosting.Views;

/// <summary>
/// The visible state of the running server: its counters, its configuration and its latest log lines. Any thread may read it; the code
/// that runs the server sets <see cref="Options"/> and <see cref="IsListening"/>.
/// </summary>
internal sealed class ServerView(Ledger ledger, RecentEvents events, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private ServerOptions? _options;
    private long _configuredAt;
    private volatile bool _isListening;

    public Ledger Ledger { get; } = ledger;

    /// <summary>The latest events of the server's own log.</summary>
    public RecentEvents Events { get; } = events;

    /// <summary>Time since the program began.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(_began);

    /// <summary>The configuration that is running, starting or stopping; null before it was read.</summary>
    public ServerOptions? Options
    {
        get => Volatile.Read(ref _options);
        set
        {
            if (!ReferenceEquals(value, _options)) Volatile.Write(ref _configuredAt, time.GetUtcNow().UtcTicks);
            Volatile.Write(ref _options, value);
        }
    }

    /// <summary>When <see cref="Options"/> began to run, UTC; null before the first did.</summary>
    public DateTime? ConfiguredAt => Volatile.Read(ref _configuredAt) is > 0 and long ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;

    /// <summary>The last ten minutes of the counters.</summary>
    public TrafficHistory History { get; } = new(ledger, time);

    /// <summary>Whether every listener is bound and being read.</summary>
    public bool IsListening
    {
        get => _isListening;
        set => _isListening = value;
    }
}
