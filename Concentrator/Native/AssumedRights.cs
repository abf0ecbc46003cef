using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>
/// Examines files with the rights of another user, or with fewer capabilities. The kernel decides, so access lists, security modules and
/// network file systems apply as they will to that user. Needs root.
/// </summary>
internal static partial class AssumedRights
{
    private const uint CapabilityVersion = 0x20080522;
    private const int CurrentDirectory = -100;
    private const int AsEffective = 0x200;

    // The C library's setgroups(), unlike the kernel's, changes every thread.
    private static readonly nint? SetGroupsNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 116,
        Architecture.Arm64 => 159,
        _ => null,
    };

    /// <summary>Runs a function on a separate thread that has these rights and ends with it. All other threads keep theirs.</summary>
    /// <returns>Null if this process may not assume the rights, or the system call number is unknown on this machine.</returns>
    public static T? Try<T>(FileRights rights, Func<T> look) where T : class
    {
        T? seen = null;
        ExceptionDispatchInfo? failed = null;
        Thread thread = new(() =>
        {
            try
            {
                if (PutOn(rights)) seen = look();
            }
            catch (Exception e)
            {
                // Rethrown on the caller's thread.
                failed = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failed?.Throw();
        return seen;
    }

    /// <summary>The errno that this use of the file would fail with, with the rights of this thread; 0 if it is permitted.</summary>
    public static int Refusal(string path, FileUse use) =>
        AccessAt(CurrentDirectory, path, (int)use, AsEffective) == 0 ? 0 : Marshal.GetLastPInvokeError();

    private static bool PutOn(FileRights rights)
    {
        if (SetGroupsNumber is not { } number || SetGroups(number, rights.Groups.Count, [.. rights.Groups]) != 0) return false;
        _ = SetFileGroup(rights.Groups[0]);
        _ = SetFileUser(rights.User);

        // Both calls return the previous id, whether or not they changed it.
        if (SetFileGroup(Accounts.Unchanged) != rights.Groups[0] || SetFileUser(Accounts.Unchanged) != rights.User) return false;

        // Twice 32 capabilities, each with its effective, permitted and inheritable set. Only permitted ones can become effective.
        Span<uint> header = [CapabilityVersion, 0], sets = stackalloc uint[6];
        if (GetCapabilities(header, sets) != 0) return false;
        sets[0] = sets[1] & (uint)rights.Capabilities;
        sets[3] = sets[4] & (uint)(rights.Capabilities >> 32);
        return SetCapabilities(header, sets) == 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SetGroups(nint number, nint count, ReadOnlySpan<uint> groups);

    [LibraryImport("libc", EntryPoint = "setfsgid")]
    private static partial uint SetFileGroup(uint group);

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial uint SetFileUser(uint user);

    [LibraryImport("libc", EntryPoint = "capget")]
    private static partial int GetCapabilities(Span<uint> header, Span<uint> sets);

    [LibraryImport("libc", EntryPoint = "capset")]
    private static partial int SetCapabilities(Span<uint> header, ReadOnlySpan<uint> sets);

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AccessAt(int directory, string path, int mode, int flags);
}

/// <summary>The rights that decide whether a file can be opened.</summary>
/// <param name="User">The user id.</param>
/// <param name="Groups">The group ids, the user's own first; at least one.</param>
/// <param name="Capabilities">One bit each, numbered as in linux/capability.h.</param>
internal sealed record FileRights(uint User, IReadOnlyList<uint> Groups, ulong Capabilities)
{
    /// <summary>CAP_DAC_OVERRIDE: may read and write all files.</summary>
    public const ulong OverridesModes = 1UL << 1;

    /// <summary>CAP_DAC_READ_SEARCH: may read all files.</summary>
    public const ulong ReadsAll = 1UL << 2;
}

/// <summary>An intended use of a file, as in access(2).</summary>
[Flags]
internal enum FileUse
{
    None = 0,

    /// <summary>To search a directory.</summary>
    Enter = 1,
    Write = 2,
    Read = 4,
}
