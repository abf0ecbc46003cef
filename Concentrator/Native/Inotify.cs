using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>
/// inotify(7): a descriptor that becomes readable when names in watched directories appear, disappear or change their file. It does not
/// say which: the caller checks the names that matter. Mounts cause no event. One thread at a time.
/// </summary>
internal sealed partial class Inotify : IDisposable
{
    // sys/inotify.h: IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_MOVE_SELF; IN_ONLYDIR.
    private const uint Names = 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800 | 0x1000000;

    private readonly SafeFileHandle _events;
    private readonly byte[] _buffer = new byte[4096];

    /// <exception cref="IOException">The limit of instances (fs.inotify.max_user_instances) or of descriptors is reached.</exception>
    public Inotify()
    {
        _events = Create(FileCalls.NonBlocking | FileCalls.CloseOnExec);
        if (_events.IsInvalid) throw new IOException($"inotify: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public SafeHandle Descriptor => _events;

    /// <summary>Watches the directory that the path names now, also if it named another before. False on failure.</summary>
    public bool TryWatch(string directory) => AddWatch(_events, directory, Names) >= 0;

    /// <summary>Consumes all events up to now.</summary>
    public void Clear()
    {
        while (FileCalls.Read(_events, _buffer, _buffer.Length) > 0)
        {
            // Only the wake-up matters: the caller checks the names itself.
        }
    }

    public void Dispose() => _events.Dispose();

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial SafeFileHandle Create(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(SafeFileHandle events, string path, uint mask);
}
