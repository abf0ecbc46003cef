using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>
/// Memory backed by a file's pages (<c>mmap</c>, MAP_SHARED): a store is in the page cache at once, so it survives the process being
/// killed at any instruction; it need not survive a loss of power. Or, without a file, plain memory for the same use.
/// <para>
/// Unmapped when disposed, otherwise by the garbage collector when nothing refers to it or to a <see cref="Slice"/> of it. The
/// framework's own mapping is not used, because it waits for the disk when it is closed.
/// </para>
/// Unsafe preconditions: offsets and lengths are within <see cref="Length"/>, asserted in debug builds; it is not disposed while in
/// use; the file is not truncated meanwhile (only its owner may write to it).
/// </summary>
internal sealed unsafe partial class SharedMapping : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int ReadWrite = 0x1 | 0x2;
    private const int Shared = 0x1;
    private const int Private = 0x2;
    private const int Anonymous = 0x20;
    private const int NoReserve = 0x4000;
    private const int RandomAccess = 1;
    private const int NoHugePages = 15;

    private SharedMapping(nint address, long length) : base(ownsHandle: true)
    {
        handle = address;
        Length = length;
    }

    /// <summary>The length in bytes.</summary>
    public long Length { get; }

    public byte* Start => (byte*)handle;

    /// <summary>Maps the first <paramref name="length"/> bytes of a file that is at least as long. The file may be closed afterwards.</summary>
    /// <exception cref="IOException">The system call fails.</exception>
    public static SharedMapping Of(SafeFileHandle file, long length) => Map(Shared, file, length);

    /// <summary>
    /// Plain zeroed memory, which costs nothing until touched and ends with the process. The kernel merges neighbours of this kind into
    /// one mapping, of which a process may have 65,530 (vm.max_map_count). Shared ones are not merged: a backlog of 4.2 GB had used them
    /// up. Without huge pages, because the first touch of a block would take 2 MB.
    /// </summary>
    /// <exception cref="IOException">The system call fails.</exception>
    public static SharedMapping Plain(long length)
    {
        using SafeFileHandle none = new(-1, ownsHandle: false);
        SharedMapping plain = Map(Private | Anonymous | NoReserve, none, length);
        _ = Advise(plain.handle, (nuint)length, NoHugePages); // Fails on a kernel without huge pages, where it is not needed.
        return plain;
    }

    /// <summary>Eight bytes that are read and written atomically; <paramref name="offset"/> is a multiple of eight.</summary>
    public ref long Word(long offset)
    {
        Debug.Assert(offset >= 0 && offset % sizeof(long) == 0 && offset + sizeof(long) <= Length, "no such word");
        return ref *(long*)(Start + offset);
    }

    public Span<byte> Span(long offset, int length)
    {
        Debug.Assert(offset >= 0 && length >= 0 && offset + length <= Length, "no such bytes");
        return new Span<byte>(Start + offset, length);
    }

    /// <summary>
    /// Makes the kernel map one page at a time. By default, a first touch fills 128 KB around it with zeros in the page cache, which suits
    /// memory filled from front to back and is a waste where one page in many is touched.
    /// </summary>
    public void TouchedHereAndThere() => _ = Advise(handle, (nuint)Length, RandomAccess); // A failure only makes it slower.

    /// <summary>A part of the memory. The whole stays mapped while anything refers to it.</summary>
    public Memory<byte> Slice(long offset, int length)
    {
        Debug.Assert(offset >= 0 && length >= 0 && offset + length <= Length, "no such bytes");
        return new Part(this, Start + offset, length).Memory;
    }

    protected override bool ReleaseHandle() => Unmap(handle, (nuint)Length) == 0;

    private static SharedMapping Map(int flags, SafeFileHandle file, long length)
    {
        bool held = false;
        try
        {
            if (!file.IsInvalid) file.DangerousAddRef(ref held);
            nint address = Map(0, (nuint)length, ReadWrite, flags, (int)file.DangerousGetHandle(), 0);
            if (address == -1) throw new IOException($"cannot map {length} bytes: {Marshal.GetLastPInvokeErrorMessage()}");
            return new SharedMapping(address, length);
        }
        finally
        {
            if (held) file.DangerousRelease();
        }
    }

    private sealed class Part(SharedMapping whole, byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            Debug.Assert(!whole.IsClosed, "used after it was unmapped");
            return new Span<byte>(start, length);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex, default, this);

        public override void Unpin()
        {
            // Nothing to do: the mapping does not move.
        }

        protected override void Dispose(bool disposing)
        {
            // The whole is unmapped when nothing refers to it.
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
