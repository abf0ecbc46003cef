using Concentrator.Accounting;
using Concentrator.Ingest.Lanes;
using Concentrator.Native;
using Concentrator.Queues;
using Concentrator.Routing;
using Concentrator.Telemetry.Watchdog;

namespace Concentrator.Ingest.Datagrams;

/// <summary>
/// Step 2 of the journey for datagrams: the thread that takes received datagrams from the ring through the lane. Each datagram is a frame.
/// The thread may block on back-pressure or on a busy machine without holding up the reader.
/// </summary>
internal sealed class DatagramLane : IDisposable
{
    /// <summary>Datagrams in a batch. After each batch, slots return to the reader and counts go to the ledger.</summary>
    private const int BatchSize = 64;

    /// <summary>Batches after which the outputs are notified in any case: a sender that never pauses must not keep them waiting.</summary>
    private const int MostUntold = ReceiveRing.FullRound / BatchSize;

    /// <summary>Datagrams that justify a round. At 3,500 a second and below, rounds have their longest duration.</summary>
    private const int Enough = 64;

    private readonly ReceiveRing _ring;
    private readonly IngestLane _lane;
    private readonly ListenerCounters _counters;
    private readonly WhenFullBarrier _backPressure;
    private readonly Action<long> _onKernelDrop;
    private readonly HostName _localName;
    private readonly bool _networked;
    private readonly SenderNames _names;
    private readonly RunningLoops _loops;
    private readonly LoopHeartbeat _mark;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly Thread _thread;
    private readonly TimeProvider _time;
    private uint _kernelDropped;
    private readonly RoundLength _round = new(Enough);
    private long _roundBegan;
    private long _taken;

    // Batches that the outputs have not been notified of.
    private int _untold;

    /// <param name="localName">This host's name, for messages from unix sockets and loopback addresses that name no host.</param>
    /// <param name="networked">Whether datagrams carry a sender's address (UDP).</param>
    /// <param name="loops">The registry that this loop enters.</param>
    /// <param name="onKernelDrop">Called with the number of datagrams that the kernel has dropped since the last call.</param>
    public DatagramLane(
        ReceiveRing ring, IngestLane lane, ListenerCounters counters, WhenFullBarrier backPressure,
        HostName localName, bool networked, RunningLoops loops, Action<long> onKernelDrop, TimeProvider time)
    {
        _loops = loops;
        _time = time;
        _ring = ring;
        _lane = lane;
        _counters = counters;
        _backPressure = backPressure;
        _localName = localName;
        _names = new SenderNames(localName);
        _networked = networked;
        _onKernelDrop = onKernelDrop;
        _mark = new LoopHeartbeat($"lane {counters.Name}") { HasCome = wait => wait == LoopWait.Work && !ring.IsTaken };
        _thread = new Thread(Run) { Name = _mark.Name, IsBackground = true };
    }

    public void Start() => _thread.Start();

    /// <summary>
    /// Waits until the reader has completed the ring and everything it received is queued. After <paramref name="timeout"/>,
    /// back-pressure is ignored, so the wait always ends.
    /// </summary>
    public void Join(TimeSpan timeout)
    {
        if (!_thread.Join(timeout))
        {
            _giveUp.Cancel();
            _thread.Join();
        }
    }

    public void Dispose() => _giveUp.Dispose();

    private void Run()
    {
        _mark.Thread = BlockedThreads.Current();
        _loops.Enter(_mark);
        while (true)
        {
            _mark.Waits(LoopWait.Work);
            int count = _ring.WaitForData(BatchSize, out long first);
            _mark.Works();
            if (count == 0) break;
            if (_untold == 0) BeginRound();
            _taken += count;
            WaitForRoom();
            TakeBatch(first, count);
            CrashPoint.Reach("queued");
            if (_networked && first >= _ring.FirstOwn) CountKernelDrops(first + count - 1);
            _ring.Release(count);
            bool isTaken = _ring.IsTaken;
            if (!isTaken && ++_untold < MostUntold) continue;
            Publish();
            if (isTaken) Rest();
        }
        _loops.Leave(_mark);
    }

    private void BeginRound()
    {
        long now = _time.GetTimestamp();
        _round.Begin(_taken, _time.GetElapsedTime(_roundBegan, now));
        _roundBegan = now;
        _taken = 0;
    }

    private void Publish()
    {
        _lane.Publish();
        _untold = 0;
    }

    /// <summary>Rests until this round is over. A datagram that arrives after a silence is taken at once.</summary>
    private void Rest()
    {
        TimeSpan left = _round.Current - _time.GetElapsedTime(_roundBegan);
        if (left > TimeSpan.Zero) _ring.Rest(left);
    }

    private void TakeBatch(long first, int count)
    {
        long receivedAt = _ring.ReceivedAt(first);
        _lane.BeginBatch(receivedAt);
        for (long slot = first; slot < first + count; slot++)
        {
            if (receivedAt != _ring.ReceivedAt(slot)) _lane.Stamp(receivedAt = _ring.ReceivedAt(slot));
            Accept(slot);
        }
        _lane.EndBatch();
    }

    private void Accept(long slot)
    {
        ReadOnlySpan<byte> frame = _ring.Datagram(slot, out bool truncated);
        if (frame.IsEmpty) return;
        SenderAddress sender = _networked ? _ring.Sender(slot) : default;
        _lane.Accept(frame, truncated, sender.IsKnown ? _names.NameOf(sender) : _localName.Bytes, sender);
    }

    private void WaitForRoom()
    {
        Task room = _backPressure.Room;
        if (room.IsCompleted || _giveUp.IsCancellationRequested) return;

        // The wait may be long: outputs that already have something must not wait too.
        Publish();
        using LoopHeartbeat.Pause pause = _mark.While(LoopWait.Room);
        try
        {
            room.Wait(_giveUp.Token);
        }
        catch (OperationCanceledException)
        {
            // Expected: the stop's deadline has passed. The rest is queued over the limit and accounted for there.
        }
    }

    private void CountKernelDrops(long slot)
    {
        if (_ring.KernelDropped(slot) is not { } total || total == _kernelDropped) return;

        // The kernel's count is 32 bits wide and wraps.
        uint more = unchecked(total - _kernelDropped);
        _kernelDropped = total;
        _counters.AddKernelDropped(more);
        _onKernelDrop(more);
    }
}
