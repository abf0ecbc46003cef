using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>Which of the log file's new lines came by which way, from a moment on.</summary>
/// <param name="file">That rsyslog writes before and we write afterwards.</param>
internal sealed class NewLines(string file)
{
    /// <summary>More than a file output rests.</summary>
    private static readonly TimeSpan UntilWritten = TimeSpan.FromMilliseconds(300);

    private readonly FileGrowth _growth = new(file);

    /// <summary>One line for people.</summary>
    /// <param name="config">Of HAProxy.</param>
    /// <param name="options">Of the server, which was started behind that moment.</param>
    /// <param name="listener">Ours, by name.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<string> TellAsync(HaproxyConfig config, ServerOptions options, string listener, CancellationToken stop)
    {
        LineCounts counts = await LineCounts.TakeAsync(config, options.Monitoring, listener, stop).ConfigureAwait(false);
        await Task.Delay(UntilWritten, stop).ConfigureAwait(false);
        long lines = Count();
        string ours = counts.Received is { } received
            ? string.Create(CultureInfo.InvariantCulture, $"; {received} came to Concentrator so far, the others the way they came before") : "";
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
