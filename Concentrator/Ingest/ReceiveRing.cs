using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Concentrator.Routing;
using static Concentrator.Ingest.DatagramCalls;

namespace Concentrator.Ingest;

/// <summary>
/// The slots that datagrams are received into, between one reader (which fills) and one lane (which empties), without a
/// copy. Slots [tail, head) hold datagrams; both numbers only grow and are taken modulo <see cref="Slots"/>.
/// <para>
/// Every slot has its message header, I/O vector, name and control space laid out once, so a receive call needs no set-up
/// but a pointer. Slots are a cache line longer than the largest datagram, so that the small datagrams that are the rule
/// do not all fall into the same cache sets. Memory is untouched, and costs nothing, until a datagram is long enough to
/// reach it.
/// </para>
/// Unsafe preconditions: slot numbers handed in lie in [tail, tail + Slots); asserted in debug builds.
/// </summary>
internal sealed unsafe class ReceiveRing : IDisposable
{
    /// <summary>The largest HAProxy datagram is 65,536 bytes (HAPROXY.md section 4); one byte more shows that one was longer.</summary>
    public const int LargestDatagram = 65_537;

    /// <summary>Room for 5 ms at 200,000 datagrams a second; what is beyond waits in the kernel's own queue.</summary>
    public const int Slots = 1024;

    private const int CacheLine = 64;
    private const int NameSpace = 32;
    private const int ControlSpace = 64;

    private readonly int _stride;
    private readonly byte* _data;
    private readonly MessageHeader* _headers;
    private readonly IoVector* _vectors;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly bool _named;

    private readonly AutoResetEvent _dataEvent = new(false);
    private readonly AutoResetEvent _spaceEvent = new(false);

    // Written by the reader.
    private long _head;
    private bool _completed;

    // Written by the lane.
    private long _tail;

    // Set by the side that is about to sleep, cleared by the side that wakes it.
    private int _laneSleeps;
    private int _readerSleeps;

    /// <param name="largest">Bytes of the longest datagram to take whole.</param>
    /// <param name="named">Whether the sender's address and the kernel's drop count are wanted (UDP).</param>
    public ReceiveRing(int largest, bool named)
    {
        _named = named;
        _stride = (largest + CacheLine - 1) / CacheLine * CacheLine + CacheLine;
        _data = (byte*)NativeMemory.AlignedAlloc((nuint)_stride * Slots, 4096);
        _headers = (MessageHeader*)NativeMemory.AllocZeroed(Slots, (nuint)sizeof(MessageHeader));
        _vectors = (IoVector*)NativeMemory.AllocZeroed(Slots, (nuint)sizeof(IoVector));
        _names = (byte*)NativeMemory.AllocZeroed(Slots, NameSpace);
        _controls = (byte*)NativeMemory.AllocZeroed(Slots, ControlSpace);
        for (int slot = 0; slot < Slots; slot++)
        {
            _vectors[slot] = new IoVector { Base = _data + (nint)_stride * slot, Length = (nuint)largest };
            _headers[slot].Vectors = _vectors + slot;
            _headers[slot].VectorCount = 1;
        }
    }

    /// <summary>Reader: headers of free slots in a row, at most <paramref name="wanted"/>; waits while there are none.</summary>
    public MessageHeader* WaitForSpace(int wanted, out int count)
    {
        while (true)
        {
            long free = Slots - (_head - Volatile.Read(ref _tail));
            if (free > 0)
            {
                int first = (int)(_head % Slots);
                count = (int)Math.Min(Math.Min(free, wanted), Slots - first);
                if (_named) PrepareNames(first, count);
                return _headers + first;
            }
            Interlocked.Exchange(ref _readerSleeps, 1);
            if (Slots - (_head - Volatile.Read(ref _tail)) == 0) _spaceEvent.WaitOne();
        }
    }

    /// <summary>Reader: that many slots, from the first one offered, now hold datagrams.</summary>
    public void Publish(int count)
    {
        Debug.Assert(count > 0 && _head + count - Volatile.Read(ref _tail) <= Slots, "published more slots than were free");
        Volatile.Write(ref _head, _head + count);
        WakeLane();
    }

    /// <summary>Reader: nothing more will come.</summary>
    public void Complete()
    {
        Volatile.Write(ref _completed, true);
        WakeLane();
    }

    /// <summary>
    /// Lane: the number of datagrams ready from slot <paramref name="first"/> on, at most <paramref name="wanted"/>; waits for
    /// the first. Zero when the reader is done and all is taken.
    /// </summary>
    public int WaitForData(int wanted, out long first)
    {
        first = _tail;
        while (true)
        {
            // The flag is read before the head: seen complete, the head is final.
            bool completed = Volatile.Read(ref _completed);
            long ready = Volatile.Read(ref _head) - _tail;
            if (ready > 0 || completed) return (int)Math.Min(ready, wanted);
            Interlocked.Exchange(ref _laneSleeps, 1);
            if (Volatile.Read(ref _head) == _tail && !Volatile.Read(ref _completed)) _dataEvent.WaitOne();
        }
    }

    /// <summary>Lane: gives the first <paramref name="count"/> slots back; their bytes must not be looked at again.</summary>
    public void Release(int count)
    {
        Volatile.Write(ref _tail, _tail + count);
        if (Interlocked.Exchange(ref _readerSleeps, 0) != 0) _spaceEvent.Set();
    }

    /// <summary>Lane: the bytes received into a slot; valid until <see cref="Release"/>.</summary>
    public ReadOnlySpan<byte> Datagram(long slot, out bool truncated)
    {
        MessageHeader* header = HeaderOf(slot);
        truncated = (header->Flags & Truncated) != 0;
        return new ReadOnlySpan<byte>(header->Vectors->Base, (int)Math.Min(header->Received, (uint)header->Vectors->Length));
    }

    /// <summary>Lane: where a slot's datagram came from.</summary>
    public SenderAddress Sender(long slot)
    {
        MessageHeader* header = HeaderOf(slot);
        ReadOnlySpan<byte> name = new(header->Name, (int)header->NameLength);
        if (name.Length < 8) return default;
        const ushort IPv4 = 2, IPv6 = 10;
        return MemoryMarshal.Read<ushort>(name) switch
        {
            IPv4 => SenderAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(name[4..])),
            IPv6 when name.Length >= 24 => new SenderAddress(BinaryPrimitives.ReadUInt128BigEndian(name[8..]), true),
            _ => default,
        };
    }

    /// <summary>Lane: how many datagrams this socket has lost so far in the kernel (SO_RXQ_OVFL), modulo 2^32; null if it was not said.</summary>
    public uint? KernelDropped(long slot)
    {
        MessageHeader* header = HeaderOf(slot);

        // struct cmsghdr: length (8), level (4), type (4), then the count (4).
        ReadOnlySpan<byte> control = new(header->Control, (int)header->ControlLength);
        if (control.Length < 20) return null;
        bool isDropCount = MemoryMarshal.Read<int>(control[8..]) == SocketLevel && MemoryMarshal.Read<int>(control[12..]) == ReceiveQueueOverflow;
        return isDropCount ? MemoryMarshal.Read<uint>(control[16..]) : null;
    }

    public const int SocketLevel = 1;
    public const int ReceiveQueueOverflow = 40;

    public void Dispose()
    {
        NativeMemory.AlignedFree(_data);
        NativeMemory.Free(_headers);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_names);
        NativeMemory.Free(_controls);
        _dataEvent.Dispose();
        _spaceEvent.Dispose();
    }

    private MessageHeader* HeaderOf(long slot)
    {
        Debug.Assert(slot >= _tail && slot < Volatile.Read(ref _head), "slot is not held by the lane");
        return _headers + slot % Slots;
    }

    // The kernel shortens both lengths to what it wrote.
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

    private void WakeLane()
    {
        // A full fence, paired with the one before the lane's second look: one of both sides always sees the other.
        Interlocked.MemoryBarrier();
        if (_laneSleeps != 0 && Interlocked.Exchange(ref _laneSleeps, 0) != 0) _dataEvent.Set();
    }
}
