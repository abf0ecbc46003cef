using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Concentrator.Hosting;

/// <summary>
/// Receives SIGHUP, which asks for a <see cref="Reload"/>; unhandled it would end the process. Signals that arrive during the start or a
/// reload cause one more reload. Disposing gives the signal back to the system.
/// </summary>
internal sealed class Sighup : IDisposable
{
    private readonly Channel<bool> _arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PosixSignalRegistration _registration;

    public Sighup() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        Raise();
    });

    /// <summary>Asks for a reload as the signal does. Any thread may call.</summary>
    public void Raise() => _arrived.Writer.TryWrite(true);

    /// <summary>Completes when a reload is asked for; takes nothing.</summary>
    public Task WaitAsync(CancellationToken stop) => _arrived.Reader.WaitToReadAsync(stop).AsTask();

    /// <summary>Whether a reload is asked for. The next call answers for later requests.</summary>
    public bool TryTake() => _arrived.Reader.TryRead(out _);

    public void Dispose() => _registration.Dispose();
}
