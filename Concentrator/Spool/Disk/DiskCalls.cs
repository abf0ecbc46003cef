using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Spool;

/// <summary>
/// The calls that .NET does not offer: a file without the lock that <see cref="File.OpenHandle"/> puts on it, room reserved,
/// data flushed without times and names (fdatasync), a directory flushed, and a lock whose holder can be asked for.
/// Each returns -1 or an invalid handle on failure, with the error in <see cref="Marshal.GetLastPInvokeError"/>.
/// </summary>
internal static partial class DiskCalls
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 0x2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int DirectoryOnly = 0x10000;
    public const int CloseOnExec = 0x80000;

    public const int LockShared = 1;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;

    public const int Interrupted = 4;
    public const int WouldBlock = 11;
    public const int NotSupported = 95;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int SyncData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeFileHandle file, int operation);

    /// <summary>The last error as an exception that says what was attempted.</summary>
    public static IOException Failure(string attempt)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{attempt}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
