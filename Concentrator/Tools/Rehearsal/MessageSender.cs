namespace Concentrator.Tools.Rehearsal;

/// <summary>Sends messages to a listener over a socket that waits: what it has sent, the kernel has accepted. One thread.</summary>
internal abstract class MessageSender : IDisposable
{
    /// <summary>A listener that accepts nothing for so long is a fault to report, not to wait for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Sends one message: as a datagram, or framed in one write.</summary>
    /// <exception cref="IOException">The connection has ended, the listener reads no more, or the datagram was refused.</exception>
    public abstract void Send(ReadOnlySpan<byte> message);

    /// <summary>Call it when everything is sent. Over a stream it waits until the listener has read everything and closed.</summary>
    public abstract void Finish();

    public abstract void Dispose();
}
