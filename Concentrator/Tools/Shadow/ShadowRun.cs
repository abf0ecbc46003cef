using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Stages;
using Microsoft.Extensions.Logging;

namespace Concentrator.Tools.Shadow;

/// <summary>
/// A whole server beside the one that does the work: it receives the same messages at an address of its own, writes them as it
/// would to a file of its own, and the two files are compared line by line while they grow.
/// </summary>
internal sealed class ShadowRun(ListenAddress address, FileFormat? format, string against, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Bytes after which our file is begun anew: it is only there to be compared.</summary>
    private const long MostKept = 64 * 1024 * 1024;

    private readonly ShadowTally _tally = new(time);

    /// <summary>Compares until told to stop; what then still waits for its other half gets the time to find it.</summary>
    /// <exception cref="AggregateException">Of <c>BindException</c>: the address cannot be had.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public async Task<ShadowTally> RunAsync(CancellationToken stop)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("concentrator-shadow-");
        try
        {
            string ours = Path.Combine(directory.FullName, "shadow.log");
            using FollowedFile their = new(against);
            using FollowedFile our = new(ours);
            Pipeline pipeline = await Pipeline.BindAsync(
                Options(directory.FullName, ours), new Ledger(), time, log, mayTuneKernel: false).ConfigureAwait(false);
            await pipeline.StartAsync().ConfigureAwait(false);
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    Compare(our, their);
                    if (our.Length > MostKept) File.Delete(ours);
                    await Task.Delay(Look, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            finally
            {
                await pipeline.StopAsync().ConfigureAwait(false);
            }
            await SettleAsync(our, their).ConfigureAwait(false);
            _tally.Conclude();
            return _tally;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>The other file may be a moment behind ours.</summary>
    private async Task SettleAsync(FollowedFile our, FollowedFile their)
    {
        long began = time.GetTimestamp();
        do
        {
            Compare(our, their);
            if (_tally.Undecided == 0) return;
            await Task.Delay(Look, time).ConfigureAwait(false);
        }
        while (time.GetElapsedTime(began) < TimeSpan.FromSeconds(2));
    }

    private void Compare(FollowedFile our, FollowedFile their)
    {
        foreach (string line in our.ReadLines()) _tally.AddOurs(line);
        foreach (string line in their.ReadLines()) _tally.AddTheirs(line);
        _tally.GiveUpOnOld();
    }

    private ServerOptions Options(string directory, string ours) => new()
    {
        Listeners =
        [
            new ListenerOptions
            {
                Name = "shadow",
                Address = address,
                MaxMessageSize = address.Transport is Transport.UnixDatagram or Transport.Udp
                    ? ListenerOptions.DefaultDatagramSize
                    : ListenerOptions.DefaultStreamSize,
            },
        ],
        Outputs = [new FileOutputOptions { Name = "shadow", Path = ours, Format = format ?? WrittenFormat.Find(against)?.Format }],
        Routes = [new RouteOptions { Index = 0, To = ["shadow"] }],
        Spool = new SpoolOptions { Directory = Path.Combine(directory, "spool"), Durability = Durability.Memory },
        Monitoring = null,
    };
}
