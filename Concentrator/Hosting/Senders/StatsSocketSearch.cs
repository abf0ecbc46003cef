using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Hosting.Senders;

/// <summary>
/// Finds the stats socket of the HAProxy that logs to a listener, in HAProxy's own configuration, as far as this process may read it. HAProxy counts
/// <c>DroppedLogs</c> for all its log lines together, so they are the first listener's that one of them leads to. The file is read again when it has
/// changed. One caller at a time.
/// </summary>
/// <param name="file">Where a package's HAProxy has its configuration.</param>
internal sealed class StatsSocketSearch(string file = StatsSocketSearch.UsualFile)
{
    public const string UsualFile = "/etc/haproxy/haproxy.cfg";

    private (DateTime Written, long Length) _read;
    private HaproxyConfig? _config;

    /// <summary>The listener and the path of the socket; null if there is no such file, no listener that its HAProxy logs to, or no stats socket at a path.</summary>
    /// <param name="listeners">Those for which one is sought.</param>
    public (string Listener, string Socket)? Find(IReadOnlyList<ListenerOptions> listeners)
    {
        if (listeners.Count == 0 || Current() is not { } config) return null;
        if (config.StatsSockets.Find(static socket => socket.EndPoint is not null && socket.Path is not null) is not { Path: { } path }) return null;
        LogDestinations destinations = new(config, listeners, config.Chroot?.TrimEnd('/') ?? "", eyes: null, sharesNetwork: true, own: []);
        ListenerOptions? reached = config.Logs.Where(config.IsUsed).SelectMany(destinations.Of).FirstOrDefault(static end => end.Listener is not null)?.Listener;
        return reached is null ? null : (reached.Name, path);
    }

    private HaproxyConfig? Current()
    {
        // An absent file has the time 1601, and no file that cannot be read says why it matters: nothing is found.
        FileInfo info = new(file);
        if (!info.Exists) return _config = null;
        (DateTime, long) now = (info.LastWriteTimeUtc, info.Length);
        if (_config is not null && now == _read) return _config;
        _read = now;
        return _config = HaproxyConfig.Read([file]);
    }
}
