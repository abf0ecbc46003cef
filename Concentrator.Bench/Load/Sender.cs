using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Load;

/// <summary>A connection or socket with its prepared messages. Used by one thread; its counters may be read from any.</summary>
internal abstract class Sender : IDisposable
{
    /// <summary>A peer that accepts nothing for so long is a fault to report, not to wait for.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private long _sent;
    private long _dropped;
    private long _failed;

    public long Sent => Interlocked.Read(ref _sent);

    public long Dropped => Interlocked.Read(ref _dropped);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Opens the connection or socket.</summary>
    /// <exception cref="UnusableException">No receiver is there.</exception>
    public static Sender Open(LoadPlan plan, ushort number) =>
        plan.Transport is Transport.UnixDatagram or Transport.Udp ? new DatagramSender(plan, number) : new StreamSender(plan, number);

    /// <summary>Sends that many messages. Each one adds to exactly one of the three counters.</summary>
    /// <exception cref="IOException">The connection has ended, or the peer has stopped reading.</exception>
    public abstract void Send(int count);

    /// <summary>Call it when everything is sent. A stream closes its sending side and waits until the peer closes.</summary>
    public abstract void Finish();

    public abstract void Dispose();

    protected void Count(int sent, int dropped, int failed)
    {
        Interlocked.Add(ref _sent, sent);
        if (dropped > 0) Interlocked.Add(ref _dropped, dropped);
        if (failed > 0) Interlocked.Add(ref _failed, failed);
    }
}
