using Concentrator.Native;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Queues.CrashSafe;

/// <summary>
/// Working memory of one owner and its layout. With a file behind it, pages must be reserved (<see cref="TryReserve"/>) before the
/// first store: a page that the file system has no room for ends the process (SIGBUS), or costs the datagram that the kernel
/// was about to copy into it (EFAULT).
/// </summary>
/// <param name="Memory">The mapped bytes.</param>
/// <param name="Layout">How the bytes are divided.</param>
/// <param name="Name">File name; null when the memory ends with the process.</param>
/// <param name="File">Open as long as the region; null without a file.</param>
internal sealed record Region(SharedMapping Memory, RegionLayout Layout, string? Name, SafeFileHandle? File = null)
{
    /// <summary>Reserves the pages between the two offsets; false when there is no room. Costs a system call.</summary>
    public bool TryReserve(long from, long to) => File is null || DiskCalls.TryAllocate(File, from, to - from);
}
