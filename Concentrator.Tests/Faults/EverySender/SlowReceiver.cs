using System.Net;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>
/// A receiver over plain TCP that reads 1.5 KB a second of each connection, to its end. Its buffer is small, so that no more than it
/// reads is acknowledged. Like every program that is slow, it goes on with the connection of a peer that was killed.
/// </summary>
internal sealed class SlowReceiver : FrameIntake
{
    private const int Buffer = 4096;

    public SlowReceiver()
        : base(new IPEndPoint(IPAddress.Loopback, 0), certificate: null, Buffer)
    {
        BytesPerSecond = 1500;
        Listen();
    }

    public Arrivals Arrivals { get; } = new();

    protected override bool Take(IntakeConnection connection, FrameBuffer received)
    {
        while (received.TryTakeFrame(out ReadOnlySpan<byte> frame)) Arrivals.Record(frame);
        return true;
    }
}
