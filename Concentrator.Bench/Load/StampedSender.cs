using Concentrator.Bench.Arguments;
using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Load;

/// <summary>A connection or socket with its prepared messages. Used by one thread; its counters may be read from any.</summary>
internal abstract class StampedSender : IDisposable
{
    public abstract long Sent { get; }

    public virtual long Dropped => 0;

    public virtual long Failed => 0;

    /// <summary>Opens the connection or socket.</summary>
    /// <exception cref="UnusableException">No receiver is there.</exception>
    public static StampedSender Open(LoadPlan plan, ushort number) =>
        plan.Transport is Transport.UnixDatagram or Transport.Udp ? new StampedDatagrams(plan, number) : new StampedStream(plan, number);

    /// <summary>Sends that many messages. Each one adds to exactly one of the three counters.</summary>
    /// <exception cref="IOException">The connection has ended, or the peer has stopped reading.</exception>
    public abstract void Send(int count);

    /// <summary>Call it when everything is sent. A stream closes its sending side and waits until the peer closes.</summary>
    public abstract void Finish();

    public abstract void Dispose();
}
