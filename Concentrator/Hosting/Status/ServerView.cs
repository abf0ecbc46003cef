using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;

namespace Concentrator.Hosting.Status;

/// <summary>
/// What others may see of the running server: its counters, the configuration that it runs, and the last of its log. Any thread may look;
/// who runs the server sets <see cref="Options"/> and <see cref="IsListening"/>.
/// </summary>
internal sealed class ServerView(Ledger ledger, RecentEvents events, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private volatile ServerOptions? _options;
    private volatile bool _isListening;

    public Ledger Ledger { get; } = ledger;

    /// <summary>Of the server's own log.</summary>
    public RecentEvents Events { get; } = events;

    /// <summary>Since the program began.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(_began);

    /// <summary>What runs, or is just beginning or ending; null before it was read.</summary>
    public ServerOptions? Options
    {
        get => _options;
        set => _options = value;
    }

    /// <summary>Every listener is bound and read.</summary>
    public bool IsListening
    {
        get => _isListening;
        set => _isListening = value;
    }
}
