using Concentrator.Native;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Queues.CrashSafe;

/// <summary>
/// Working memory of one owner, and how it is divided. Where a file is behind it, its pages must be reserved
/// (<see cref="TryReserve"/>) before they are stored into: a page that the file system has no room for ends the process
/// (SIGBUS), and costs the datagram that the kernel was to put there (EFAULT).
/// </summary>
/// <param name="Memory">The bytes.</param>
/// <param name="Layout">How they are divided.</param>
/// <param name="Name">Of the file; null where the memory ends with the process.</param>
/// <param name="File">Open as long as the region; null without one.</param>
internal sealed record Region(SharedMapping Memory, RegionLayout Layout, string? Name, SafeFileHandle? File = null)
{
    /// <summary>Whether a store between those offsets finds a page. Costs a system call.</summary>
    public bool TryReserve(long from, long to) => File is null || DiskCalls.TryAllocate(File, from, to - from);
}
