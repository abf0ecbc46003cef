using System.Diagnostics;
using System.Net;
using Concentrator.Native;

namespace Concentrator.Tools.Rehearsal;

/// <summary>An <see cref="Intake"/> of octet-counted frames: RFC 5425 over TLS, or the same frames over plain TCP.</summary>
internal abstract class FrameIntake(IPEndPoint endPoint, IssuedCertificate? certificate, int? receiveBuffer = null)
    : Intake(endPoint, certificate, receiveBuffer)
{
    private int _violations;
    private int _unfinished;

    /// <summary>The most bytes that each connection reads in a second; zero for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>The most bytes of one read: nothing more is read from the connection until they are taken.</summary>
    public int MostAtOnce { get; init; } = int.MaxValue;

    /// <summary>Connections with invalid framing.</summary>
    public int Violations => Volatile.Read(ref _violations);

    /// <summary>Connections that the peer ended in order, and within a frame.</summary>
    public int Unfinished => Volatile.Read(ref _unfinished);

    protected override void Serve(IntakeConnection connection)
    {
        if (TryOpen(connection)) ReadFrames(connection);
    }

    /// <summary>Takes the whole frames of what has been received. False resets the connection.</summary>
    protected abstract bool Take(IntakeConnection connection, FrameBuffer received);

    /// <summary>Reads and takes until either side ends the connection.</summary>
    protected void ReadFrames(IntakeConnection connection)
    {
        FrameBuffer received = new();
        long began = Stopwatch.GetTimestamp();
        long bytes = 0;
        int most = BytesPerSecond > 0 ? (int)Math.Max(1, BytesPerSecond / 20) : MostAtOnce;
        for (int read; (read = connection.Read(received, most)) > 0;)
        {
            bytes += read;
            bool goOn = Take(connection, received);
            if (received.IsBroken) Interlocked.Increment(ref _violations);
            if (received.IsBroken || !goOn)
            {
                connection.Reset();
                return;
            }
            if (BytesPerSecond == 0) continue;
            double due = bytes / (double)BytesPerSecond;
            ClockCalls.Sleep(TimeSpan.FromSeconds(Math.Min(1, due - Stopwatch.GetElapsedTime(began).TotalSeconds)));
        }
        if (received.IsPartial) Interlocked.Increment(ref _unfinished);
    }
}
