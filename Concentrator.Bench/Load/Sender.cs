using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Load;

/// <summary>
/// One connection or socket, with its messages prepared. Used by one thread; its counters may be read by any.
/// </summary>
internal abstract class Sender : IDisposable
{
    /// <summary>A peer that takes nothing for so long is a fault to report, not to wait for.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private long _sent;
    private long _dropped;
    private long _failed;

    public long Sent => Interlocked.Read(ref _sent);

    public long Dropped => Interlocked.Read(ref _dropped);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Connects.</summary>
    /// <exception cref="UnusableException">Nobody is there.</exception>
    public static Sender Open(LoadPlan plan, ushort number) =>
        plan.Transport is Transport.UnixDatagram or Transport.Udp ? new DatagramSender(plan, number) : new StreamSender(plan, number);

    /// <summary>Sends so many messages; each is counted in one of the three ways.</summary>
    /// <exception cref="IOException">The connection has ended, or the peer takes nothing any more.</exception>
    public abstract void Send(int count);

    /// <summary>All is sent: a stream says so to its peer and waits until it closes.</summary>
    public abstract void Finish();

    public abstract void Dispose();

    protected void Count(int sent, int dropped, int failed)
    {
        Interlocked.Add(ref _sent, sent);
        if (dropped > 0) Interlocked.Add(ref _dropped, dropped);
        if (failed > 0) Interlocked.Add(ref _failed, failed);
    }
}
