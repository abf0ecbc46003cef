using System.Runtime.InteropServices;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Memory whose last byte lies before a page that nobody may touch: code that reads on behind a text that ends there ends the process. Used by one
/// thread at a time.
/// </summary>
internal sealed unsafe partial class GuardedBytes : IDisposable
{
    /// <summary>Bytes of the longest text.</summary>
    private const int Size = 64 * 1024;

    private const int NoAccess = 0, ReadAndWrite = 1 | 2;
    private const int PrivateAndAnonymous = 2 | 0x20;

    private readonly nint _start;

    public GuardedBytes()
    {
        _start = Map(0, Whole, ReadAndWrite, PrivateAndAnonymous, -1, 0);
        if (_start == -1 || Protect(_start + Size, (nuint)Environment.SystemPageSize, NoAccess) != 0)
            throw new InvalidOperationException($"no guarded memory: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static nuint Whole => (nuint)(Size + Environment.SystemPageSize);

    /// <summary>Copies a text so that nothing may be read behind it. Valid until the next one.</summary>
    public ReadOnlySpan<byte> Hold(ReadOnlySpan<byte> text)
    {
        Span<byte> last = new Span<byte>((void*)_start, Size)[^text.Length..];
        text.CopyTo(last);
        return last;
    }

    public void Dispose() => _ = Unmap(_start, Whole);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
