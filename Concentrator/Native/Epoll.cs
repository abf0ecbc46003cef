using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>
/// Waits for many descriptors at once (epoll(7), level-triggered), in time proportional to those that are ready, not to those that are
/// watched. One thread waits; any thread may add, remove and wake.
/// </summary>
internal sealed partial class Epoll : IDisposable
{
    private const int AddDescriptor = 1;
    private const int RemoveDescriptor = 2;
    private const int Readable = 1;
    private const int PeerShutDown = 0x2000;
    private const long WakeKey = -1;

    /// <summary>The most descriptors that one wait reports.</summary>
    public const int MostReported = 256;

    // struct epoll_event is packed on x86-64 and on no other architecture.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + sizeof(long);

    private readonly SafeFileHandle _poll;
    private readonly SafeFileHandle _wake;
    private readonly byte[] _events = GC.AllocateUninitializedArray<byte>(MostReported * 16, pinned: true);

    /// <exception cref="IOException">The limit of descriptors is reached.</exception>
    public Epoll()
    {
        _poll = CreatePoll(FileCalls.CloseOnExec);
        if (_poll.IsInvalid) throw new IOException($"epoll: {Marshal.GetLastPInvokeErrorMessage()}");
        _wake = EventFd.Create();
        Add(_wake, WakeKey);
    }

    /// <summary>Adds a descriptor: it is reported under its key whenever it is readable or its peer is gone.</summary>
    /// <param name="key">Not negative; negative keys are internal.</param>
    /// <exception cref="IOException">The system call fails.</exception>
    /// <exception cref="ObjectDisposedException">The descriptor is closed.</exception>
    public void Add(SafeHandle descriptor, long key)
    {
        Span<byte> change = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(change, Readable | PeerShutDown);
        BinaryPrimitives.WriteInt64LittleEndian(change[DataOffset..], key);
        if (Control(_poll, AddDescriptor, descriptor, change) < 0) throw new IOException($"epoll: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Removes a descriptor. A closed one is never reported.</summary>
    public void Remove(SafeHandle descriptor)
    {
        if (descriptor.IsClosed) return;
        try
        {
            _ = Control(_poll, RemoveDescriptor, descriptor, stackalloc byte[16]);
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: the kernel has already removed it.
        }
    }

    /// <summary>Ends the current <see cref="Wait"/>, or else the next.</summary>
    public void Wake() => EventFd.Signal(_wake);

    /// <summary>Gets the keys of the descriptors that are ready; returns their number, possibly zero.</summary>
    /// <param name="keys">Room for <see cref="MostReported"/> keys.</param>
    /// <param name="limit">How long to wait for a ready descriptor or a wake-up, in whole milliseconds.</param>
    public int Wait(Span<long> keys, TimeSpan limit)
    {
        int reported = WaitFor(_poll, _events, MostReported, (int)limit.TotalMilliseconds);
        int count = 0;
        for (int i = 0; i < reported; i++)
        {
            long key = BinaryPrimitives.ReadInt64LittleEndian(_events.AsSpan(i * EventSize + DataOffset));
            if (key == WakeKey) EventFd.Clear(_wake);
            else keys[count++] = key;
        }
        return count;
    }

    public void Dispose()
    {
        _poll.Dispose();
        _wake.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial SafeFileHandle CreatePoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(SafeHandle poll, int operation, SafeHandle descriptor, Span<byte> change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int WaitFor(SafeHandle poll, Span<byte> events, int most, int milliseconds);
}
