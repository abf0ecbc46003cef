using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Sink;

/// <summary>An intake that measures and, on request, misbehaves.</summary>
internal sealed class SinkServer : FrameIntake, IMeasuringIntake
{
    private readonly Misbehaviour _misbehaviour;
    private readonly CancellationTokenSource _over = new();
    private volatile SinkTally _tally = new();

    // The offset of the last stamp, which is where the next one is too.
    private int _place;
    private bool _stalled;
    private bool _halfClosed;
    private bool _refused;
    private long _resets;
    private long _frames;

    private SinkServer(IPEndPoint endPoint, IssuedCertificate? certificate, Misbehaviour misbehaviour)
        : base(endPoint, certificate)
    {
        _misbehaviour = misbehaviour;
        BytesPerSecond = misbehaviour.Slow;
    }

    /// <summary>Connections with invalid framing, or that ended within a frame.</summary>
    public int BrokenFramings => Violations + Unfinished;

    /// <summary>Connections that were reset on request.</summary>
    public long Resets => Interlocked.Read(ref _resets);

    public SinkTally Tally
    {
        get => _tally;
        set => _tally = value;
    }

    /// <summary>Starts to listen.</summary>
    /// <param name="endPoint">Port 0 chooses a free one.</param>
    /// <param name="certificate">Null for plain TCP.</param>
    /// <exception cref="UnusableException">The address is not available.</exception>
    public static SinkServer On(IPEndPoint endPoint, IssuedCertificate? certificate = null, Misbehaviour? misbehaviour = null)
    {
        try
        {
            SinkServer sink = new(endPoint, certificate, misbehaviour ?? Misbehaviour.None);
            sink.Listen();
            return sink;
        }
        catch (SocketException e)
        {
            throw new UnusableException($"cannot listen on {endPoint}: {e.Message}");
        }
    }

    /// <summary>Starts to listen on a free port of 127.0.0.1.</summary>
    public static SinkServer OnLoopback(IssuedCertificate? certificate = null, Misbehaviour? misbehaviour = null) =>
        On(new IPEndPoint(IPAddress.Loopback, 0), certificate, misbehaviour);

    public override void Dispose()
    {
        _over.Cancel();
        base.Dispose();
    }

    protected override bool Take(IntakeConnection connection, FrameBuffer received)
    {
        long before = received.Taken;
        long now = Stopwatch.GetTimestamp();
        SinkTally tally = _tally;
        lock (tally.Gate)
        {
            while (received.TryTakeFrame(out ReadOnlySpan<byte> frame))
            {
                // Every message of a relay begins with its PRI.
                if (frame[0] != '<') received.Break();
                else tally.RecordUnsynchronized(frame, ref _place, now);
            }
        }
        return GoOn(connection, received.Taken, Interlocked.Add(ref _frames, received.Taken - before));
    }

    /// <summary>Shows the fault that is due, if any. False if the connection is to be reset.</summary>
    private bool GoOn(IntakeConnection connection, long ofConnection, long all)
    {
        if (_misbehaviour.ResetEvery > 0 && ofConnection >= _misbehaviour.ResetEvery)
        {
            Interlocked.Increment(ref _resets);
            return false;
        }
        if (all < _misbehaviour.After) return true;
        if (_misbehaviour.Stall > TimeSpan.Zero && !Interlocked.Exchange(ref _stalled, true))
        {
            Thread.Sleep(_misbehaviour.Stall);
        }
        else if (_misbehaviour.HalfClose && !Interlocked.Exchange(ref _halfClosed, true))
        {
            connection.Finish();
        }
        else if (_misbehaviour.Refuse > TimeSpan.Zero && !Interlocked.Exchange(ref _refused, true))
        {
            Interlocked.Add(ref _resets, OpenConnections.Count);
            Refuse();
            new Thread(ComeBack) { IsBackground = true, Name = "sink refuse" }.Start();
            return false;
        }
        return true;
    }

    private void ComeBack()
    {
        if (!_over.Token.WaitHandle.WaitOne(_misbehaviour.Refuse)) Listen();
    }
}
