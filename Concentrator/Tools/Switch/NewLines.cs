using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Switch;

/// <summary>Tells which of a log file's new lines came through which path, from its creation on.</summary>
/// <param name="file">The file that rsyslog wrote before the switch and the server writes after it.</param>
internal sealed class NewLines(string file)
{
    /// <summary>Longer than a file output waits before it writes.</summary>
    private static readonly TimeSpan UntilWritten = TimeSpan.FromMilliseconds(300);

    private readonly FileGrowth _growth = new(file);

    /// <summary>The result in one line of text.</summary>
    /// <param name="config">HAProxy's configuration.</param>
    /// <param name="options">The options of the server, which was started after that moment.</param>
    /// <param name="listener">The name of the listener.</param>
    /// <param name="stop">Cancels the queries.</param>
    public async Task<string> TellAsync(HaproxyConfig config, ServerOptions options, string listener, CancellationToken stop)
    {
        LineCounts counts = await LineCounts.TakeAsync(config, options.Monitoring, listener, stop).ConfigureAwait(false);
        await Task.Delay(UntilWritten, stop).ConfigureAwait(false);
        long lines = Count();
        string ours = counts.Received is { } received
            ? string.Create(CultureInfo.InvariantCulture, $"; {received} were received by Concentrator so far, the others the previous way") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{_growth.File} has {lines} new lines since the switch began{ours}");
    }

    private long Count()
    {
        using FileStream stream = _growth.Open();
        Span<byte> buffer = stackalloc byte[16384];
        long lines = 0;
        for (int read; (read = stream.Read(buffer)) > 0;) lines += buffer[..read].Count((byte)'\n');
        return lines;
    }
}
