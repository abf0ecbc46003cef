using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Targets;
using Concentrator.Targets.Files;
using Concentrator.Targets.Relays;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Pipeline;

/// <summary>All outputs of the running configuration, by name: the queue and the target of each. One caller at a time.</summary>
internal sealed class TargetSet(OutputQueues queues, RunningLoops loops, TimeProvider time, ILogger log)
{
    private readonly Dictionary<string, (Target Target, OutputQueue Queue)> _running = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, OutputQueue> _staged = new(StringComparer.OrdinalIgnoreCase);
    private List<Target> _retired = [];

    /// <summary>The queues into which messages are rendered, by output name.</summary>
    public IReadOnlyDictionary<string, MemoryQueue> Fronts =>
        _running.ToDictionary(static t => t.Key, static t => t.Value.Queue.Front, StringComparer.OrdinalIgnoreCase);

    /// <summary>Opens the queues of outputs that are new in <paramref name="next"/>.</summary>
    /// <exception cref="SpoolException">One of them cannot be used; none is left open.</exception>
    public void Stage(IReadOnlyList<OutputOptions> next)
    {
        try
        {
            foreach (OutputOptions options in next.Where(IsNew)) _staged.Add(options.Name, queues.Open(options));
        }
        catch
        {
            Discard();
            throw;
        }
    }

    /// <summary>Closes the staged queues.</summary>
    public void Discard()
    {
        foreach (OutputQueue queue in _staged.Values) queue.Back.End(DropReason.Shutdown);
        _staged.Clear();
    }

    /// <summary>
    /// Switches to other, staged outputs. Unchanged outputs continue undisturbed. A changed output keeps its queue, because the
    /// frames and lines in it are ready to send as they are. Removed outputs keep accepting until
    /// <see cref="RetireAsync"/>.
    /// </summary>
    public async Task ChangeAsync(IReadOnlyList<OutputOptions> next)
    {
        foreach (OutputOptions options in next)
        {
            bool isKnown = _running.TryGetValue(options.Name, out (Target Target, OutputQueue Queue) before);
            if (_staged.TryGetValue(options.Name, out OutputQueue? queue))
            {
                if (isKnown)
                {
                    _retired.Add(before.Target);
                    queue.Counters.BeginOtherQueue();
                }
                Start(options, queue);
            }
            else if (!Same(before.Target.Options, options))
            {
                await before.Target.DetachAsync().ConfigureAwait(false);
                Start(options, before.Queue);
            }
        }
        _staged = new Dictionary<string, OutputQueue>(StringComparer.OrdinalIgnoreCase);
        foreach (string gone in _running.Keys.Where(name => !next.Any(o => o.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            _retired.Add(_running[gone].Target);
            _running.Remove(gone);
        }
    }

    /// <summary>Delivers what removed outputs still hold and ends them. Must be called after no route leads to them.</summary>
    public async Task RetireAsync(TimeSpan timeout)
    {
        List<Target> retired = _retired;
        _retired = [];
        await Task.WhenAll(retired.Select(target => target.StopAsync(timeout, DropReason.OutputRemoved))).ConfigureAwait(false);
    }

    /// <summary>On SIGHUP: closes files and opens them again by name.</summary>
    public void Reopen()
    {
        foreach ((Target target, _) in _running.Values) target.Reopen();
    }

    /// <summary>
    /// Delivers what is queued, within that time; the rest is kept on disk, or dropped and counted. In haste, outputs that can
    /// keep their queue on disk stop at once.
    /// </summary>
    public Task StopAsync(TimeSpan timeout, bool inHaste = false) => Task.WhenAll(_running.Values.Select(running =>
        running.Target.StopAsync(inHaste && running.Queue.Back.KeepsWhatIsLeft ? TimeSpan.Zero : timeout, DropReason.Shutdown)));

    private bool IsNew(OutputOptions options) =>
        !_running.TryGetValue(options.Name, out (Target Target, OutputQueue Queue) running)
        || running.Target.Options.GetType() != options.GetType();

    /// <summary>Ignores a relay's MaxMemory, which matters only when its queue is opened.</summary>
    private static bool Same(OutputOptions running, OutputOptions next) =>
        (running is RelayOutputOptions relay && next is RelayOutputOptions other ? relay with { MaxMemory = other.MaxMemory } : running) == next;

    private void Start(OutputOptions options, OutputQueue queue)
    {
        Target target = options switch
        {
            FileOutputOptions file => new FileTarget(file, queue.Back, queue.Counters, loops, log),
            RelayOutputOptions relay => new RelayTarget(relay, queue.Back, queue.Counters, loops, RelayDeadlines.Default, time, log),
            _ => throw new ArgumentException($"no target for {options.GetType().Name}", nameof(options)),
        };
        queue.Adopt();
        _running[options.Name] = (target, queue);
        target.Start();
    }
}
