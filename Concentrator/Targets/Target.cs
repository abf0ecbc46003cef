using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;

namespace Concentrator.Targets;

/// <summary>
/// One output: its queue and the loop that empties it. Life cycle: created, <see cref="Start"/>, <see cref="StopAsync"/>, once each.
/// </summary>
internal abstract class Target(OutputOptions options, DeliveryQueue queue)
{
    public OutputOptions Options { get; } = options;

    public DeliveryQueue Queue { get; } = queue;

    public abstract void Start();

    /// <summary>
    /// Delivers what is queued, for at most <paramref name="timeout"/>; the rest is dropped and counted under
    /// <paramref name="reason"/>. No message is accepted after this call.
    /// </summary>
    public abstract Task StopAsync(TimeSpan timeout, DropReason reason);

    /// <summary>
    /// Ends the loop at once and gives everything unsettled back to the queue, which stays open: another target continues
    /// with it (a reload changed this output's options).
    /// </summary>
    public abstract Task DetachAsync();

    /// <summary>SIGHUP: files are closed and opened again by name; relays do nothing.</summary>
    public virtual void Reopen()
    {
    }
}
