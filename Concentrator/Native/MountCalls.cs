using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>Bind mounts of this process's mount namespace. For root. Each says null, or why the system refuses.</summary>
internal static partial class MountCalls
{
    // sys/mount.h.
    private const nuint BindFlag = 4096;
    private const int DetachFlag = 2;

    /// <summary>Lets <paramref name="over"/> name what <paramref name="source"/> names: a directory over a directory, a file over a file.</summary>
    public static string? Bind(string source, string over) => Mount(source, over, null, BindFlag, 0) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();

    /// <summary>
    /// Takes the uppermost mount away from a path at once, also where something of it is in use: a socket that was bound below it, for one,
    /// keeps it from ending but not from being gone.
    /// </summary>
    public static string? Detach(string path) => Unmount(path, DetachFlag) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string? type, nuint flags, nint data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
