using System.Runtime.InteropServices;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Makes what is below a path read-only for whoever opens, creates or renames something there, until it is disposed: the
/// directory is mounted over itself. Files that are open already are not touched. Needs root.
/// </summary>
internal sealed partial class ReadOnlyMount : IDisposable
{
    // <sys/mount.h>
    private const int ReadOnly = 1;
    private const int Remount = 32;
    private const int Bind = 4096;
    private const int Detach = 2;

    private readonly string _path;

    public ReadOnlyMount(string path)
    {
        _path = path;
        if (Mount(path, path, null, Bind, null) == 0)
        {
            if (Mount(null, path, null, Bind | Remount | ReadOnly, null) == 0) return;
            Dispose();
        }
        Peer.CannotRun($"cannot mount {path} read-only: {Marshal.GetLastPInvokeErrorMessage()}; run the tests as root");
    }

    public void Dispose() => _ = Unmount(_path, Detach);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string? source, string target, string? type, nuint flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
