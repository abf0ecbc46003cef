using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Concentrator.Native;
using Concentrator.Queues.CrashSafe;
using Concentrator.Routing;
using static Concentrator.Native.DatagramCalls;

namespace Concentrator.Ingest.Datagrams;

/// <summary>
/// The slots that datagrams are received into, between one reader (which fills) and one lane (which empties), without a copy. Slots
/// [tail, head) hold datagrams; both numbers only grow and are taken modulo <see cref="Slots"/>.
/// <para>
/// The message header, I/O vector, name and control space of every slot are laid out once, so a receive call needs only a pointer. Slots
/// are a cache line longer than the largest datagram, so that small datagrams, the common case, do not all fall into the same cache sets.
/// Memory that no datagram has been long enough to reach is untouched and costs nothing.
/// </para>
/// <para>
/// All of it, including what the kernel writes, is in memory that may outlive the process (<see cref="CrashSafeMemory"/>). A slot holds a
/// datagram exactly if its header has a non-zero number of received bytes; the kernel writes that last, and <see cref="Release"/> clears
/// it. So wherever the process is killed, the next one finds every datagram that was taken from the socket and is not yet in a block.
/// The record of a slot is its message header, name and control space; the own words are the tail and the time of the last receive.
/// </para>
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
    public const int Slots = 512;

    /// <summary>Datagrams that end a rest of the lane. The other half of the ring is room for what arrives until the lane runs.</summary>
    public const int FullRound = Slots / 2;

    private const int CacheLine = 64;
    private const int NameSpace = 32;
    private const int ControlSpace = 64;
    private const int TailWord = RegionLayout.OwnWords;
    private const int TimeWord = RegionLayout.OwnWords + sizeof(long);

    private readonly CrashSafeMemory _memory;
    private readonly Region _region;
    private readonly MessageHeader* _headers;
    private readonly IoVector* _vectors;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly bool _named;

    private const int Page = 4096;

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
        _named = named;
        _memory = memory;
        int stride = (largest + CacheLine - 1) / CacheLine * CacheLine + CacheLine;
        RegionLayout layout = new(RegionKind.Ring, sizeof(MessageHeader) + NameSpace + ControlSpace, stride, Slots);
        _region = memory.Open(
            listener, layout, Slots, static found => found.Layout is { Units: Slots, UnitSize: > 2 * CacheLine } && Count(found) > 0);
        _region.Memory.TouchedHereAndThere();
        byte* start = _region.Memory.Start;
        _headers = (MessageHeader*)(start + RegionLayout.Records);
        _names = (byte*)(_headers + Slots);
        _controls = _names + NameSpace * Slots;
        _vectors = (IoVector*)NativeMemory.AllocZeroed(Slots, (nuint)sizeof(IoVector));
        LayOut(start + _region.Layout.UnitsOffset, _region.Layout.UnitSize);
        TakeOverWhatWasLeft();
        if (_region.File is not null) _missesPagesUntil = memory.IsMemory ? _head + Slots : long.MaxValue;
    }

    /// <summary>
    /// Reader: whether a receive call may meet a missing page in memory that outlives the process. On a disk any page may be missing at any
    /// time, because each becomes read-only when it is written back. On tmpfs only pages that no datagram has reached are missing: during
    /// the first turn of the ring, and for a turn after each datagram longer than a page.
    /// </summary>
    public bool MayMissPages => _head < _missesPagesUntil;

    /// <summary>Datagrams that a killed process had received; the lane is given them first.</summary>
    public int Left { get; private set; }

    /// <summary>The first slot of this process; lower slots are from the killed one.</summary>
    public long FirstOwn { get; private set; }

    /// <summary>Reader: headers of consecutive free slots, at most <paramref name="wanted"/>; waits while there are none.</summary>
    public MessageHeader* WaitForSpace(int wanted, out int count)
    {
        WaitForRoom();
        int first = (int)(_head % Slots);
        count = (int)Math.Min(Math.Min(Slots - Ready, wanted), Slots - first);
        if (_named) PrepareNames(first, count);
        return _headers + first;
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
        _region.Memory.Word(TimeWord) = receivedAt;
        int first = (int)(_head % Slots);
        _receivedAt.AsSpan(first, count).Fill(receivedAt);
        long bytes = 0;
        uint longest = 0;
        for (int slot = first; slot < first + count; slot++)
        {
            bytes += _headers[slot].Received;
            longest = Math.Max(longest, _headers[slot].Received);
        }
        if (longest > Page && _region.File is not null) _missesPagesUntil = Math.Max(_missesPagesUntil, _head + count + Slots);
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

    /// <summary>Lane: returns the first <paramref name="count"/> slots to the reader; their bytes must not be read again.</summary>
    public void Release(int count)
    {
        for (long slot = _tail; slot < _tail + count; slot++)
        {
            Volatile.Write(ref HeaderOf(slot)->Received, 0);
            CrashPoint.Reach("releasing");
        }
        Volatile.Write(ref _region.Memory.Word(TailWord), _tail + count);
        CrashPoint.Reach("released");
        Volatile.Write(ref _tail, _tail + count);
        _space.Set();
    }

    /// <summary>Lane: the bytes received into a slot; valid until <see cref="Release"/>.</summary>
    public ReadOnlySpan<byte> Datagram(long slot, out bool truncated)
    {
        MessageHeader* header = HeaderOf(slot);
        truncated = (header->Flags & Truncated) != 0;
        return new ReadOnlySpan<byte>(header->Vectors->Base, (int)Math.Min(header->Received, (uint)header->Vectors->Length));
    }

    /// <summary>Lane: the address that a slot's datagram came from.</summary>
    public SenderAddress Sender(long slot)
    {
        MessageHeader* header = HeaderOf(slot);
        ReadOnlySpan<byte> name = new(_names + slot % Slots * NameSpace, (int)Math.Min(header->NameLength, NameSpace));
        if (name.Length < 8) return default;
        const ushort IPv4 = 2, IPv6 = 10;
        return MemoryMarshal.Read<ushort>(name) switch
        {
            IPv4 => SenderAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(name[4..])),
            IPv6 when name.Length >= 24 => new SenderAddress(BinaryPrimitives.ReadUInt128BigEndian(name[8..]), true),
            _ => default,
        };
    }

    /// <summary>Lane: datagrams that this socket has lost in the kernel so far (SO_RXQ_OVFL), modulo 2^32; null if not reported.</summary>
    public uint? KernelDropped(long slot)
    {
        MessageHeader* header = HeaderOf(slot);

        // struct cmsghdr: length (8), level (4), type (4), then the count (4).
        ReadOnlySpan<byte> control = new(_controls + slot % Slots * ControlSpace, (int)Math.Min(header->ControlLength, ControlSpace));
        if (control.Length < 20) return null;
        bool isDropCount = MemoryMarshal.Read<int>(control[8..]) == SocketLevel && MemoryMarshal.Read<int>(control[12..]) == ReceiveQueueOverflow;
        return isDropCount ? MemoryMarshal.Read<uint>(control[16..]) : null;
    }

    public const int ReceiveQueueOverflow = 40;

    public void Dispose()
    {
        _memory.Close(_region, keep: Count(_region) > 0);
        _region.Memory.Dispose();
        NativeMemory.Free(_vectors);
    }

    /// <summary>Sets the pointers, which are valid in this process only. What the kernel has written stays.</summary>
    private void LayOut(byte* data, int unitSize)
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            byte* unit = data + (nint)unitSize * slot;

            // Touched now: if a page is first created within a receive call, a kill that interrupts the call could cost the datagram.
            if (_headers[slot].Received == 0) *unit = 0;
            _vectors[slot] = new IoVector { Base = unit, Length = (nuint)(unitSize - CacheLine) };
            _headers[slot].Vectors = _vectors + slot;
            _headers[slot].VectorCount = 1;
            _headers[slot].Name = null;
            _headers[slot].Control = null;
            if (_headers[slot].Received == 0) _headers[slot].NameLength = 0;
        }
    }

    /// <summary>Takes over the slots as if the whole ring had just been filled; empty slots are skipped like empty datagrams.</summary>
    private void TakeOverWhatWasLeft()
    {
        Left = Count(_region);
        if (Left == 0) return;
        long leftAt = _region.Memory.Word(TimeWord);
        _receivedAt.AsSpan().Fill(IsTime(leftAt) ? leftAt : 0);
        _tail = (long)((ulong)_region.Memory.Word(TailWord) % Slots);
        _head = FirstOwn = _tail + Slots;
    }

    /// <summary>Whether a word is a plausible time: a damaged one may be any number, even one outside some time zones' range.</summary>
    private static bool IsTime(long ticks) => ticks > DateTime.UnixEpoch.Ticks && ticks < DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay;

    private static int Count(Region region)
    {
        MessageHeader* headers = (MessageHeader*)(region.Memory.Start + RegionLayout.Records);
        int count = 0;
        for (int slot = 0; slot < Slots; slot++)
        {
            if (headers[slot].Received != 0) count++;
        }
        return count;
    }

    private MessageHeader* HeaderOf(long slot)
    {
        Debug.Assert(slot >= _tail && slot < Volatile.Read(ref _head), "slot is not held by the lane");
        return _headers + slot % Slots;
    }

    // The kernel shortens both lengths to what it writes.
    private void PrepareNames(int first, int count)
    {
        for (int slot = first; slot < first + count; slot++)
        {
            _headers[slot].Name = _names + slot * NameSpace;
            _headers[slot].NameLength = NameSpace;
            _headers[slot].Control = _controls + slot * ControlSpace;
            _headers[slot].ControlLength = ControlSpace;
        }
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
