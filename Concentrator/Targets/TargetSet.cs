using Concentrator.Configuration;
using Concentrator.Spool;
using Concentrator.Telemetry;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets;

/// <summary>All outputs of the running configuration, by name: the spool and the target of each. One caller at a time.</summary>
internal sealed class TargetSet(SpoolOptions spool, BackPressure backPressure, Ledger ledger, TimeProvider time, ILogger log)
{
    private readonly BlockPool _pool = new();
    private readonly Dictionary<string, Target> _running = new(StringComparer.OrdinalIgnoreCase);
    private List<Target> _retired = [];

    /// <summary>The queue of each output, by its name.</summary>
    public IReadOnlyDictionary<string, OutputSpool> Spools =>
        _running.ToDictionary(static t => t.Key, static t => t.Value.Spool, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Goes over to other outputs. What did not change goes on undisturbed; a changed output keeps its queue, whose frames and
    /// lines are ready to send as they are. Outputs that are gone keep accepting until <see cref="RetireAsync"/>.
    /// </summary>
    public async Task ChangeAsync(IReadOnlyList<OutputOptions> next)
    {
        foreach (OutputOptions options in next)
        {
            if (!_running.TryGetValue(options.Name, out Target? before)) Start(options, NewSpool(options));
            else if (before.Options == options) continue;
            else if (before.Options.GetType() == options.GetType())
            {
                await before.DetachAsync().ConfigureAwait(false);
                Start(options, before.Spool);
            }
            else
            {
                _retired.Add(before);
                Start(options, NewSpool(options));
            }
        }
        foreach (Target gone in _running.Values.Where(t => !next.Any(o => o.Name.Equals(t.Options.Name, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            _running.Remove(gone.Options.Name);
            _retired.Add(gone);
        }
    }

    /// <summary>To be called when no route leads to a removed output any more: delivers what it still holds and ends it.</summary>
    public async Task RetireAsync(TimeSpan timeout)
    {
        List<Target> retired = _retired;
        _retired = [];
        await Task.WhenAll(retired.Select(target => target.StopAsync(timeout, DropReason.OutputRemoved))).ConfigureAwait(false);
    }

    /// <summary>SIGHUP: files are closed and opened again by name.</summary>
    public void Reopen()
    {
        foreach (Target target in _running.Values) target.Reopen();
    }

    /// <summary>Delivers what is queued, for at most that long; the rest is dropped and counted.</summary>
    public Task StopAsync(TimeSpan timeout) =>
        Task.WhenAll(_running.Values.Select(target => target.StopAsync(timeout, DropReason.Shutdown)));

    private void Start(OutputOptions options, OutputSpool queue)
    {
        Target target = options switch
        {
            FileOutputOptions file => new FileTarget(file, queue, log),
            RelayOutputOptions relay => new RelayTarget(relay, queue, CountersOf(relay), RelayDeadlines.Default, time, log),
            _ => throw new ArgumentException($"no target for {options.GetType().Name}", nameof(options)),
        };
        _running[options.Name] = target;
        target.Start();
    }

    private OutputSpool NewSpool(OutputOptions options)
    {
        // A file never blocks: a full disk must not delay the intake (DESIGN 5.3).
        WhenFull whenFull = options is FileOutputOptions && spool.WhenFull == WhenFull.Block ? WhenFull.DropOldest : spool.WhenFull;
        return new OutputSpool(
            CountersOf(options), _pool, backPressure, whenFull, spool.MaxMemory, reason => log.QueueFull(options.Name, reason));
    }

    private OutputCounters CountersOf(OutputOptions options) => ledger.Output(options.Name, options is RelayOutputOptions, spool.MaxMemory);
}
