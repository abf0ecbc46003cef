using Concentrator.Native;
using Concentrator.Routing;
using Concentrator.Spool;
using Concentrator.Telemetry;

namespace Concentrator.Ingest;

/// <summary>
/// Step 2 of the journey for datagrams: the thread behind a reader, which takes what was received (a datagram is a frame)
/// through the lane. It may wait, for back-pressure or a busy machine; the reader does not notice.
/// </summary>
internal sealed class DatagramLane : IDisposable
{
    /// <summary>Small enough that a message never waits long for its batch, large enough that waking targets costs little.</summary>
    private const int BatchSize = 64;

    private readonly ReceiveRing _ring;
    private readonly IngestLane _lane;
    private readonly ListenerCounters _counters;
    private readonly BackPressure _backPressure;
    private readonly Action<long> _onKernelDrop;
    private readonly byte[] _localName;
    private readonly bool _networked;
    private readonly SenderNames _names = new();
    private readonly CancellationTokenSource _giveUp = new();
    private readonly Thread _thread;
    private uint _kernelDropped;

    /// <param name="localName">This host's name, for messages from unix sockets that name no host.</param>
    /// <param name="networked">Whether datagrams carry a sender's address (UDP).</param>
    /// <param name="onKernelDrop">Told how many datagrams the kernel has dropped since the last time.</param>
    public DatagramLane(
        ReceiveRing ring, IngestLane lane, ListenerCounters counters, BackPressure backPressure,
        byte[] localName, bool networked, Action<long> onKernelDrop)
    {
        _ring = ring;
        _lane = lane;
        _counters = counters;
        _backPressure = backPressure;
        _localName = localName;
        _networked = networked;
        _onKernelDrop = onKernelDrop;
        _thread = new Thread(Run) { Name = $"lane {counters.Name}", IsBackground = true };
    }

    public void Start() => _thread.Start();

    /// <summary>
    /// Waits until the reader has completed the ring and all it took is queued. After <paramref name="timeout"/>,
    /// back-pressure is no longer obeyed, so the wait ends in any case.
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
        while (true)
        {
            int count = _ring.WaitForData(BatchSize, out long first);
            if (count == 0) return;
            WaitForRoom();
            bool isOwn = first >= _ring.FirstOwn;
            if (isOwn || _ring.LeftAt == 0) _ring.NoteTime(_lane.BeginBatch());
            else _lane.BeginBatch(new DateTimeOffset(_ring.LeftAt, TimeSpan.Zero));
            for (long slot = first; slot < first + count; slot++) Accept(slot);
            _lane.EndBatch();
            CrashPoint.Reach("queued");
            if (_networked && isOwn) CountKernelDrops(first + count - 1);
            _ring.Release(count);
        }
    }

    private void Accept(long slot)
    {
        ReadOnlySpan<byte> frame = _ring.Datagram(slot, out bool truncated);
        if (frame.IsEmpty) return;
        SenderAddress sender = _networked ? _ring.Sender(slot) : default;
        _lane.Accept(frame, truncated, sender.IsKnown ? _names.NameOf(sender) : _localName, sender);
    }

    private void WaitForRoom()
    {
        Task room = _backPressure.Room;
        if (room.IsCompleted || _giveUp.IsCancellationRequested) return;
        try
        {
            room.Wait(_giveUp.Token);
        }
        catch (OperationCanceledException)
        {
            // Expected: the stop's deadline. What is left is queued over the limit and accounted for there.
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
