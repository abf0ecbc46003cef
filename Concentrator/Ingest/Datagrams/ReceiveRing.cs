using System.Diagnostics;
using Concentrator.Native;
using Concentrator.Queues.CrashSafe;
using Concentrator.Routing;
using static Concentrator.Native.DatagramCalls;

namespace Concentrator.Ingest.Datagrams;

/// <summary>
/// Hands datagrams from one reader (which fills slots) to one lane (which empties them), without a copy. Slots [tail, head) hold datagrams;
/// both numbers only grow and are taken modulo <see cref="Slots"/> (<see cref="ReceiveSlots"/>).
/// <para>
/// Reader and lane are paced separately: the reader empties the socket as often as necessary; a lane that rests (<see cref="Rest"/>) is
/// woken by <see cref="FullRound"/> datagrams, not by one.
/// </para>
/// Unsafe preconditions: slot numbers passed in are in [tail, tail + Slots); asserted in debug builds.
/// </summary>
internal sealed unsafe class ReceiveRing : IDisposable
{
    /// <summary>HAProxy's largest datagram is 65,536 bytes (docs/reference/haproxy.md, Length); one more byte shows a longer one.</summary>
    public const int LargestDatagram = 65_537;

    /// <summary>Room for 5 ms at 100,000 datagrams a second; more waits in the kernel's queue. Each slot costs a page.</summary>
    public const int Slots = ReceiveSlots.Count;

    /// <summary>Datagrams that end a rest of the lane. The other half of the ring is room for what arrives until the lane runs.</summary>
    public const int FullRound = Slots / 2;

    private const int Page = 4096;

    private readonly ReceiveSlots _slots;
    private readonly ThreadSignal _data = new();
    private readonly ThreadSignal _space = new();

    // When each slot was filled, in UTC ticks. Written by the reader before the slot is announced.
    private readonly long[] _receivedAt = new long[Slots];

    // Written by the reader.
    private long _head;
    private long _missesPagesUntil;
    private bool _completed;

    // Written by the lane.
    private long _tail;

    // Set by the lane before it sleeps, cleared by whichever side ends the sleep.
    private int _laneState;
    private const int Awake = 0;
    private const int Waits = 1;
    private const int Rests = 2;

    /// <param name="largest">The longest datagram to receive whole, in bytes.</param>
    /// <param name="named">Whether the sender's address and the kernel's drop count are wanted (UDP).</param>
    /// <param name="memory">The memory that holds the ring.</param>
    /// <param name="listener">The name of the listener that owns the ring.</param>
    public ReceiveRing(int largest, bool named, CrashSafeMemory memory, string listener)
    {
        _slots = new ReceiveSlots(largest, named, memory, listener);
        if (Left > 0)
        {
            // As if the whole ring had just been filled; empty slots are skipped like empty datagrams.
            _receivedAt.AsSpan().Fill(_slots.LastReceive);
            _tail = _slots.Tail;
            _head = FirstOwn = _tail + Slots;
        }
        if (_slots.OutliveProcess) _missesPagesUntil = memory.IsMemory ? _head + Slots : long.MaxValue;
    }

    /// <summary>
    /// Reader: whether a receive call may meet a missing page in memory that outlives the process. On a disk any page may be missing at any
    /// time, because each becomes read-only when it is written back. On tmpfs only pages that no datagram has reached are missing: during
    /// the first turn of the ring, and for a turn after each datagram longer than a page.
    /// </summary>
    public bool MayMissPages => _head < _missesPagesUntil;

    /// <summary>Datagrams that a killed process had received; the lane is given them first.</summary>
    public int Left => _slots.Left;

    /// <summary>The first slot of this process; lower slots are from the killed one.</summary>
    public long FirstOwn { get; }

    /// <summary>Reader: headers of consecutive free slots, at most <paramref name="wanted"/>; waits while there are none.</summary>
    public MessageHeader* WaitForSpace(int wanted, out int count)
    {
        WaitForRoom();
        int first = (int)(_head % Slots);
        count = (int)Math.Min(Math.Min(Slots - Ready, wanted), Slots - first);
        return _slots.Offer(first, count);
    }

    /// <summary>Whether no slot is free. A free slot stays free until the reader fills it. Any thread may ask.</summary>
    public bool IsFull => Ready == Slots;

    /// <summary>Reader: waits until a slot is free.</summary>
    public void WaitForRoom()
    {
        while (IsFull) _space.Wait();
    }

    /// <summary>Reader: announces that <paramref name="count"/> slots, from the first one offered, now hold datagrams.</summary>
    /// <param name="receivedAt">Now, in UTC ticks; also kept for a process that recovers the slots after a kill.</param>
    /// <returns>The bytes received into those slots.</returns>
    public long Fill(int count, long receivedAt)
    {
        Debug.Assert(count > 0 && _head + count - Volatile.Read(ref _tail) <= Slots, "filled more slots than were free");
        _slots.LastReceive = receivedAt;
        int first = (int)(_head % Slots);
        _receivedAt.AsSpan(first, count).Fill(receivedAt);
        long bytes = _slots.Received(first, count, out uint longest);
        if (longest > Page && _slots.OutliveProcess) _missesPagesUntil = Math.Max(_missesPagesUntil, _head + count + Slots);
        Volatile.Write(ref _head, _head + count);
        WakeLane();
        return bytes;
    }

    /// <summary>Reader: announces that no more datagrams will come.</summary>
    public void Complete()
    {
        Volatile.Write(ref _completed, true);
        WakeLane();
    }

    /// <summary>
    /// Lane: the number of datagrams ready from slot <paramref name="first"/> on, at most <paramref name="wanted"/>; waits for
    /// the first. Zero when the reader is done and everything has been taken.
    /// </summary>
    public int WaitForData(int wanted, out long first)
    {
        first = _tail;
        while (true)
        {
            // The flag is read before the number: once it is seen set, the number is final.
            bool completed = Volatile.Read(ref _completed);
            long ready = Ready;
            if (ready > 0 || completed) return (int)Math.Min(ready, wanted);
            Sleep(Waits, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Lane: lets datagrams gather for <paramref name="limit"/>, less if they fill half the ring or no more will come.</summary>
    public void Rest(TimeSpan limit) => Sleep(Rests, limit);

    /// <summary>Whether the lane has taken everything, as far as can be seen. Any thread may ask.</summary>
    public bool IsTaken => Ready == 0;

    /// <summary>Lane: when a slot's datagram was received, in UTC ticks; 0 = unknown (an earlier process received it).</summary>
    public long ReceivedAt(long slot) => _receivedAt[slot % Slots];

    /// <summary>Lane: the bytes received into a slot; valid until <see cref="Release"/>.</summary>
    public ReadOnlySpan<byte> Datagram(long slot, out bool truncated) => _slots.Datagram(Held(slot), out truncated);

    /// <summary>Lane: the address that a slot's datagram came from.</summary>
    public SenderAddress Sender(long slot) => _slots.Sender(Held(slot));

    /// <summary>Lane: datagrams that this socket has lost in the kernel so far (SO_RXQ_OVFL), modulo 2^32; null if not reported.</summary>
    public uint? KernelDropped(long slot) => _slots.KernelDropped(Held(slot));

    /// <summary>Lane: returns the first <paramref name="count"/> slots to the reader; their bytes must not be read again.</summary>
    public void Release(int count)
    {
        for (long slot = _tail; slot < _tail + count; slot++)
        {
            _slots.Clear(Held(slot));
            CrashPoint.Reach("releasing");
        }
        _slots.Tail = _tail + count;
        CrashPoint.Reach("released");
        Volatile.Write(ref _tail, _tail + count);
        _space.Set();
    }

    public void Dispose() => _slots.Dispose();

    private int Held(long slot)
    {
        Debug.Assert(slot >= _tail && slot < Volatile.Read(ref _head), "slot is not held by the lane");
        return (int)(slot % Slots);
    }

    private long Ready => Volatile.Read(ref _head) - Volatile.Read(ref _tail);

    private void Sleep(int state, TimeSpan limit)
    {
        // A full fence, paired with the reader's: at least one side always sees the other's write.
        Interlocked.Exchange(ref _laneState, state);
        if (!MustWake(state, _tail)) _data.Wait(limit);
        Volatile.Write(ref _laneState, Awake);
    }

    private void WakeLane()
    {
        Interlocked.MemoryBarrier();
        int state = _laneState;
        if (!MustWake(state, Volatile.Read(ref _tail))) return;
        if (Interlocked.CompareExchange(ref _laneState, Awake, state) == state) _data.Set();
    }

    private bool MustWake(int state, long tail)
    {
        long ready = Volatile.Read(ref _head) - tail;
        return state != Awake && (ready >= (state == Waits ? 1 : FullRound) || Volatile.Read(ref _completed));
    }
}
