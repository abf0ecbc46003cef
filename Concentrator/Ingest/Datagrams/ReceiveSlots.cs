using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Concentrator.Queues.CrashSafe;
using Concentrator.Routing;
using static Concentrator.Native.DatagramCalls;

namespace Concentrator.Ingest.Datagrams;

/// <summary>
/// The memory of a <see cref="ReceiveRing"/>: <see cref="Count"/> slots of one datagram each, by number. The message header, I/O vector, name
/// and control space of every slot are laid out once, so a receive call needs only a pointer. Slots are a cache line longer than the
/// largest datagram, so that small datagrams, the common case, do not all fall into the same cache sets. Memory that no datagram has been
/// long enough to reach is untouched and costs nothing.
/// <para>
/// All of it, including what the kernel writes, is in memory that may outlive the process (<see cref="CrashSafeMemory"/>). A slot holds a
/// datagram exactly if its header has a non-zero number of received bytes; the kernel writes that last, and <see cref="Clear"/> clears
/// it. So wherever the process is killed, the next one finds every datagram that was taken from the socket and is not yet in a block.
/// The record of a slot is its message header, name and control space; the own words are the tail and the time of the last receive.
/// </para>
/// Unsafe preconditions: slot numbers passed in are in [0, <see cref="Count"/>).
/// </summary>
internal sealed unsafe class ReceiveSlots : IDisposable
{
    public const int Count = 512;

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

    public ReceiveSlots(int largest, bool named, CrashSafeMemory memory, string listener)
    {
        _named = named;
        _memory = memory;
        int stride = (largest + CacheLine - 1) / CacheLine * CacheLine + CacheLine;
        RegionLayout layout = new(RegionKind.Ring, sizeof(MessageHeader) + NameSpace + ControlSpace, stride, Count);
        _region = memory.Open(
            listener, layout, Count, static found => found.Layout is { Units: Count, UnitSize: > 2 * CacheLine } && Held(found) > 0);
        _region.Memory.TouchedHereAndThere();
        byte* start = _region.Memory.Start;
        _headers = (MessageHeader*)(start + RegionLayout.Records);
        _names = (byte*)(_headers + Count);
        _controls = _names + NameSpace * Count;
        _vectors = (IoVector*)NativeMemory.AllocZeroed(Count, (nuint)sizeof(IoVector));
        LayOut(start + _region.Layout.UnitsOffset, _region.Layout.UnitSize);
        Left = Held(_region);
    }

    /// <summary>Datagrams that a killed process had received into these slots.</summary>
    public int Left { get; }

    /// <summary>Whether the memory outlives the process.</summary>
    public bool OutliveProcess => _region.File is not null;

    /// <summary>The slot to release next, kept for a process that recovers the slots.</summary>
    public long Tail
    {
        get => (long)((ulong)_region.Memory.Word(TailWord) % Count);
        set => Volatile.Write(ref _region.Memory.Word(TailWord), value);
    }

    /// <summary>
    /// When something was received last, in UTC ticks, kept likewise; 0 = unknown. A damaged word may be any number, even a time outside some
    /// time zones' range.
    /// </summary>
    public long LastReceive
    {
        get
        {
            long ticks = _region.Memory.Word(TimeWord);
            return ticks > DateTime.UnixEpoch.Ticks && ticks < DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay ? ticks : 0;
        }
        set => _region.Memory.Word(TimeWord) = value;
    }

    /// <summary>Headers of consecutive empty slots for a receive call.</summary>
    public MessageHeader* Offer(int first, int count)
    {
        if (_named) PrepareNames(first, count);
        return _headers + first;
    }

    /// <summary>The bytes received into consecutive slots, and into the longest of them.</summary>
    public long Received(int first, int count, out uint longest)
    {
        long bytes = 0;
        longest = 0;
        for (int slot = first; slot < first + count; slot++)
        {
            bytes += _headers[slot].Received;
            longest = Math.Max(longest, _headers[slot].Received);
        }
        return bytes;
    }

    /// <summary>Empties a slot.</summary>
    public void Clear(int slot) => Volatile.Write(ref _headers[slot].Received, 0);

    /// <summary>The bytes received into a slot.</summary>
    public ReadOnlySpan<byte> Datagram(int slot, out bool truncated)
    {
        MessageHeader* header = _headers + slot;
        truncated = (header->Flags & Truncated) != 0;
        return new ReadOnlySpan<byte>(header->Vectors->Base, (int)Math.Min(header->Received, (uint)header->Vectors->Length));
    }

    /// <summary>The address that a slot's datagram came from.</summary>
    public SenderAddress Sender(int slot)
    {
        ReadOnlySpan<byte> name = new(_names + slot * NameSpace, (int)Math.Min(_headers[slot].NameLength, NameSpace));
        if (name.Length < 8) return default;
        const ushort IPv4 = 2, IPv6 = 10;
        return MemoryMarshal.Read<ushort>(name) switch
        {
            IPv4 => SenderAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(name[4..])),
            IPv6 when name.Length >= 24 => new SenderAddress(BinaryPrimitives.ReadUInt128BigEndian(name[8..]), true),
            _ => default,
        };
    }

    /// <summary>Datagrams that this socket has lost in the kernel so far (SO_RXQ_OVFL), modulo 2^32; null if not reported.</summary>
    public uint? KernelDropped(int slot)
    {
        // struct cmsghdr: length (8), level (4), type (4), then the count (4).
        ReadOnlySpan<byte> control = new(_controls + slot * ControlSpace, (int)Math.Min(_headers[slot].ControlLength, ControlSpace));
        if (control.Length < 20) return null;
        bool isDropCount = MemoryMarshal.Read<int>(control[8..]) == SocketLevel && MemoryMarshal.Read<int>(control[12..]) == ReceiveQueueOverflow;
        return isDropCount ? MemoryMarshal.Read<uint>(control[16..]) : null;
    }

    public void Dispose()
    {
        _memory.Close(_region, keep: Held(_region) > 0);
        _region.Memory.Dispose();
        NativeMemory.Free(_vectors);
    }

    /// <summary>Sets the pointers, which are valid in this process only. What the kernel has written stays.</summary>
    private void LayOut(byte* data, int unitSize)
    {
        for (int slot = 0; slot < Count; slot++)
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

    private static int Held(Region region)
    {
        MessageHeader* headers = (MessageHeader*)(region.Memory.Start + RegionLayout.Records);
        int held = 0;
        for (int slot = 0; slot < Count; slot++)
        {
            if (headers[slot].Received != 0) held++;
        }
        return held;
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
}
