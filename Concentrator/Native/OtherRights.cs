using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>
/// Looks at files with the rights of another user, or with fewer capabilities. The kernel judges: access lists, security modules and network file
/// systems count as they will for the other. Needs root.
/// </summary>
internal static partial class OtherRights
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

    /// <summary>Runs something on a thread of its own, which has these rights and ends with it. All others keep theirs.</summary>
    /// <returns>Null where this process may not put them on, or it is not known how on this machine.</returns>
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
                // The caller's, on the caller's own thread.
                failed = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failed?.Throw();
        return seen;
    }

    /// <summary>What stands against it, with the rights of this thread: the number of the error, 0 for nothing.</summary>
    public static int Refusal(string path, FileUse use) =>
        AccessAt(CurrentDirectory, path, (int)use, AsEffective) == 0 ? 0 : Marshal.GetLastPInvokeError();

    private static bool PutOn(FileRights rights)
    {
        if (SetGroupsNumber is not { } number || SetGroups(number, rights.Groups.Count, [.. rights.Groups]) != 0) return false;
        _ = SetFileGroup(rights.Groups[0]);
        _ = SetFileUser(rights.User);

        // They answer with what was before, whether or not it was changed.
        if (SetFileGroup(Accounts.Unchanged) != rights.Groups[0] || SetFileUser(Accounts.Unchanged) != rights.User) return false;

        // Twice 32 capabilities, each with its effective, permitted and inheritable set. What is not permitted cannot be had.
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

/// <summary>What counts where a file is opened.</summary>
/// <param name="User">By number.</param>
/// <param name="Groups">By number, the user's own first; at least one.</param>
/// <param name="Capabilities">A bit each, as linux/capability.h numbers them.</param>
internal sealed record FileRights(uint User, IReadOnlyList<uint> Groups, ulong Capabilities)
{
    /// <summary>CAP_DAC_OVERRIDE: all files may be read and written.</summary>
    public const ulong OverridesModes = 1UL << 1;

    /// <summary>CAP_DAC_READ_SEARCH: all files may be read.</summary>
    public const ulong ReadsAll = 1UL << 2;
}

/// <summary>What somebody wants to do with a file, as access(2) has it.</summary>
[Flags]
internal enum FileUse
{
    None = 0,

    /// <summary>Of a directory: pass through it.</summary>
    Enter = 1,
    Write = 2,
    Read = 4,
}
