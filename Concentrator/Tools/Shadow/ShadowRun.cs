using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Pipeline;
using Microsoft.Extensions.Logging;

namespace Concentrator.Tools.Shadow;

/// <summary>
/// Runs a whole server beside the production one. It receives the same messages at its own address and writes them to its own file, and the
/// two files are compared line by line as they grow.
/// </summary>
internal sealed class ShadowRun(ListenAddress address, FileFormat? format, string against, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Size in bytes at which our file is started anew. It is only needed for the comparison.</summary>
    private const long MostKept = 64 * 1024 * 1024;

    private readonly ShadowTally _tally = new(time);

    /// <summary>Compares until cancelled, then gives unpaired lines time to find their counterparts.</summary>
    /// <exception cref="AggregateException">Contains a <c>BindException</c>: the address is not available.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to a file is denied.</exception>
    public async Task<ShadowTally> RunAsync(CancellationToken stop)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("concentrator-shadow-");
        try
        {
            string ours = Path.Combine(directory.FullName, "shadow.log");
            using FollowedFile their = new(against);
            using FollowedFile our = new(ours);
            ServerPipeline pipeline = await ServerPipeline.BindAsync(
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

    /// <summary>Waits for the other file, which may lag behind ours.</summary>
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
        Outputs = [new FileOutputOptions { Name = "shadow", Path = ours, Format = format ?? ExistingFileFormat.Find(against)?.Format }],
        Routes = [new RouteOptions { Index = 0, To = ["shadow"] }],
        Spool = new SpoolOptions { Directory = Path.Combine(directory, "spool"), Durability = Durability.Memory },
        Monitoring = null,
    };
}
