using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>Bind mounts in this process's mount namespace. For root. Each returns null, or the error message.</summary>
internal static partial class MountCalls
{
    // sys/mount.h.
    private const nuint BindFlag = 4096;
    private const int DetachFlag = 2;

    /// <summary>Mounts <paramref name="source"/> over <paramref name="over"/>: directory over directory, or file over file.</summary>
    public static string? Bind(string source, string over) => Mount(source, over, null, BindFlag, 0) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();

    /// <summary>
    /// Detaches the uppermost mount from a path at once, even while it is in use: a socket that was bound below it, for example, keeps the
    /// mount alive but not visible.
    /// </summary>
    public static string? Detach(string path) => Unmount(path, DetachFlag) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string? type, nuint flags, nint data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
