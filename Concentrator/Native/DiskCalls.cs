using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>
/// Disk calls that .NET lacks: reserving space, flushing data without times and names (fdatasync), flushing a directory, and a lock
/// whose holder can be found. Files are opened with <see cref="FileCalls.Open"/>, without the lock that
/// <see cref="File.OpenHandle"/> puts on them. Each returns -1 on failure, with the error in <see cref="Marshal.GetLastPInvokeError"/>.
/// </summary>
internal static partial class DiskCalls
{
    public const int LockShared = 1;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;

    public const int WouldBlock = 11;
    public const int NotSupported = 95;

    /// <summary>Reserves disk space for those bytes of the file. False on failure, with the errno set.</summary>
    public static bool TryAllocate(SafeFileHandle file, long offset, long length)
    {
        while (Allocate(file, 0, offset, length) != 0)
        {
            if (Marshal.GetLastPInvokeError() != FileCalls.Interrupted) return false;
        }
        return true;
    }

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int SyncData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeFileHandle file, int operation);

    /// <summary>The last error as an exception that names what was attempted.</summary>
    public static IOException Failure(string attempt)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{attempt}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
