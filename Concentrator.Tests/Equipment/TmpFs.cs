using System.Runtime.InteropServices;

namespace Concentrator.Tests.Equipment;

/// <summary>A small file system of the test's own, in memory: the way to a disk that is really full. Needs root.</summary>
internal sealed partial class TmpFs : IDisposable
{
    /// <param name="path">Created as the mount point.</param>
    /// <param name="size">As mount(8) takes it, for example <c>64k</c>.</param>
    public TmpFs(string path, string size)
    {
        Path = path;
        Directory.CreateDirectory(path);
        if (Mount("none", path, "tmpfs", 0, $"size={size}") == 0) return;
        Peer.CannotRun($"cannot mount a tmpfs: {Marshal.GetLastPInvokeErrorMessage()}; run the tests as root");
    }

    public string Path { get; }

    /// <summary>Leaves no room.</summary>
    public void Fill()
    {
        using FileStream filler = File.Create(System.IO.Path.Combine(Path, "filler"));
        byte[] much = new byte[1 << 16];
        try
        {
            while (true) filler.Write(much);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Dispose() => _ = Unmount(Path, Detach);

    private const int Detach = 2;

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
