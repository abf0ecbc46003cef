using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>
/// File system calls that .NET lacks: opening with O_APPEND (another writer or a truncating logrotate must never leave a hole), a write
/// that reports how much it wrote before it failed, a read from descriptors that .NET has no type for, and owner and inode of a path.
/// Each returns -1 or an invalid handle on failure, with the error in <see cref="Marshal.GetLastPInvokeError"/>.
/// </summary>
internal static partial class FileCalls
{
    public const int ReadOnly = 0x0;
    public const int WriteOnly = 0x1;
    public const int ReadWrite = 0x2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Append = 0x400;
    public const int NonBlocking = 0x800;

    /// <summary>O_CLOEXEC, equal to SOCK_CLOEXEC, EFD_CLOEXEC, EPOLL_CLOEXEC and IN_CLOEXEC, as IN_NONBLOCK equals O_NONBLOCK.</summary>
    public const int CloseOnExec = 0x80000;

    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;

    /// <summary>ENXIO: a pipe without a reader, opened non-blocking for writing; or a socket.</summary>
    public const int NoDevice = 6;
    public const int NoAccess = 13;
    public const int Exists = 17;

    /// <summary>Opens a file, close-on-exec.</summary>
    public static SafeFileHandle Open(string path, int flags, uint mode = 0) => OpenAs(path, flags | CloseOnExec, mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenAs(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle file, Span<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeHandle file, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    /// <summary>Creates a hard link in the same file system; a symbolic link is followed. Never replaces an existing name.</summary>
    public static int Link(string path, string name) => LinkAt(CurrentDirectory, path, CurrentDirectory, name, FollowLink);

    /// <summary>
    /// Lets two names of a file system exchange their files, in one step for all who look the names up. A mount that covers a name in another
    /// mount namespace moves with the file that it covers. Not every file system can; both names must exist.
    /// </summary>
    public static int Exchange(string path, string other) => RenameAt2(CurrentDirectory, path, CurrentDirectory, other, ExchangeNames);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkAt(int fromDirectory, string from, int toDirectory, string to, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Span<byte> buffer);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(SafeHandle file, string path, int flags, uint mask, Span<byte> buffer);

    /// <summary>The identity of the file that the path names now (links followed); null if there is none that we can see.</summary>
    public static FileIdentity? Identify(string path)
    {
        Span<byte> buffer = stackalloc byte[StatXSize];
        return StatX(CurrentDirectory, path, 0, WantedFields, buffer) == 0 ? IdentityIn(buffer) : null;
    }

    /// <summary>The identity of an open file or socket; null if the system call fails.</summary>
    public static FileIdentity? Identify(SafeHandle file)
    {
        Span<byte> buffer = stackalloc byte[StatXSize];
        return StatX(file, "", EmptyPath, WantedFields, buffer) == 0 ? IdentityIn(buffer) : null;
    }

    /// <summary>The owner of the file that the path names now (links followed); null if there is none that we can see.</summary>
    public static FileOwner? OwnerOf(string path)
    {
        Span<byte> buffer = stackalloc byte[StatXSize];
        return StatX(CurrentDirectory, path, 0, OwnerFields, buffer) == 0
            ? new FileOwner(MemoryMarshal.Read<uint>(buffer[20..]), MemoryMarshal.Read<uint>(buffer[24..]))
            : null;
    }

    // struct statx has one layout on every architecture: user at byte 20, group at 24, mode at 28, inode at 32, device numbers at
    // 136 and 140.
    private const int StatXSize = 256;
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const int FollowLink = 0x400;

    /// <summary>RENAME_EXCHANGE.</summary>
    private const uint ExchangeNames = 2;
    private const uint WantedFields = 0x101;
    private const uint OwnerFields = 0x18;

    private static FileIdentity IdentityIn(ReadOnlySpan<byte> buffer) => new(
        MemoryMarshal.Read<ulong>(buffer[32..]),
        MemoryMarshal.Read<uint>(buffer[136..]),
        MemoryMarshal.Read<uint>(buffer[140..]),
        (FileKind)(MemoryMarshal.Read<ushort>(buffer[28..]) & 0xF000));
}

/// <summary>What identifies a file whatever its name, inode and device, and its kind.</summary>
internal readonly record struct FileIdentity(ulong Inode, uint DeviceMajor, uint DeviceMinor, FileKind Kind)
{
    public bool IsSocket => Kind == FileKind.Socket;
}

/// <summary>The kind of a file, the highest bits of its mode (inode(7)).</summary>
internal enum FileKind : ushort
{
    Unknown = 0,
    Pipe = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    SymbolicLink = 0xA000,
    Socket = 0xC000,
}

/// <summary>User and group id of a file.</summary>
internal readonly record struct FileOwner(uint User, uint Group);
