using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Concentrator.Native;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Queues.Files;

/// <summary>
/// A real directory, accessible to its owner only (mode 0700; files 0600), because the frames in it contain intake keys. A writer
/// holds the lock on its file <c>lock</c> until <see cref="Dispose"/>; the file also contains the writer's pid.
/// </summary>
internal sealed class SpoolDirectory : ISpoolDirectory, IDisposable
{
    private const string LockName = "lock";
    private const uint FileMode = 0x180;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path;
    private SafeFileHandle? _lock;

    /// <summary>Creates the directory if necessary, and locks it.</summary>
    /// <exception cref="SpoolLockedException">Another process, or another part of this one, holds the lock.</exception>
    /// <exception cref="IOException">The directory cannot be used; the message says why.</exception>
    public SpoolDirectory(string path)
        : this(path, CreateAndLock(path))
    {
    }

    private SpoolDirectory(string path, SafeFileHandle? @lock)
    {
        _path = path;
        _lock = @lock;
    }

    /// <summary>
    /// Opens the directory without its lock, only to read files, even while a server works with them. Every change
    /// fails, so that <c>SegmentLog.Open</c> repairs nothing.
    /// </summary>
    public static SpoolDirectory ForReading(string path) => new(path, null);

    /// <summary>Whether the lock is held, and if so, the pid that the holder wrote (0 = none).</summary>
    public static bool IsLocked(string path, out int pid)
    {
        pid = 0;
        using SafeFileHandle file = FileCalls.Open(LockPath(path), FileCalls.ReadOnly);
        if (file.IsInvalid || DiskCalls.Lock(file, DiskCalls.LockShared | DiskCalls.LockNonBlocking) == 0) return false;
        pid = ReadPid(file);
        return true;
    }

    /// <summary>Whether the lock file still exists: otherwise the directory, or everything in it, has been removed.</summary>
    public bool IsInPlace => File.Exists(LockPath(_path));

    /// <summary>Creates and locks the directory again after it was removed.</summary>
    /// <exception cref="IOException">It cannot be created or, <see cref="SpoolLockedException"/>, something else has locked it.</exception>
    public void Remake()
    {
        RefuseUnlessLocked();
        SafeFileHandle removed = _lock!;
        _lock = CreateAndLock(_path);
        removed.Dispose();
    }

    public long FreeBytes => Attempt("determine the free space for", "", static (path, _) => new DriveInfo(path).AvailableFreeSpace);

    public IReadOnlyList<string> List() => Attempt("list", "", static (path, _) =>
        (IReadOnlyList<string>)[.. Directory.EnumerateFiles(path).Select(static file => Path.GetFileName(file))]);

    public ISpoolFile Open(string name, bool createNew, long allocate)
    {
        string path = Path.Combine(_path, name);
        if (createNew) RefuseUnlessLocked();
        int flags = (_lock is null ? FileCalls.ReadOnly : FileCalls.ReadWrite) | (createNew ? FileCalls.Create | FileCalls.Exclusive : 0);
        SafeFileHandle handle = FileCalls.Open(path, flags, FileMode);
        if (handle.IsInvalid) throw DiskCalls.Failure($"cannot open {path}");
        if (allocate > 0 && !DiskCalls.TryAllocate(handle, 0, allocate) && Marshal.GetLastPInvokeError() != DiskCalls.NotSupported)
        {
            IOException failure = DiskCalls.Failure($"cannot reserve {allocate} bytes for {path}");
            handle.Dispose();
            if (createNew) Delete(name);
            throw failure;
        }
        return new SpoolFile(handle, path);
    }

    public void Delete(string name) => Attempt("delete", name, (path, name) =>
    {
        RefuseUnlessLocked();
        File.Delete(Path.Combine(path, name));
        return true;
    });

    public void Rename(string from, string to) => Attempt("rename", from, (path, from) =>
    {
        RefuseUnlessLocked();
        File.Move(Path.Combine(path, from), Path.Combine(path, to), overwrite: true);
        return true;
    });

    public void Sync()
    {
        using SafeFileHandle directory = FileCalls.Open(_path, FileCalls.ReadOnly);
        if (directory.IsInvalid || DiskCalls.Sync(directory) != 0) throw DiskCalls.Failure($"cannot flush {_path}");
    }

    public void Dispose() => _lock?.Dispose();

    public override string ToString() => _path;

    private static SafeFileHandle CreateAndLock(string path)
    {
        try
        {
            // .NET applies the mode to the last directory only; its parent holds every output's messages as well.
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } parent) Directory.CreateDirectory(parent, OwnerOnly);
            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot create the spool directory {path}: {failure.Message}", failure);
        }
        SafeFileHandle file = FileCalls.Open(LockPath(path), FileCalls.ReadWrite | FileCalls.Create, FileMode);
        if (file.IsInvalid) throw DiskCalls.Failure($"cannot write to the spool directory {path}");
        if (!TryLock(file))
        {
            using (file)
            {
                throw Marshal.GetLastPInvokeError() == DiskCalls.WouldBlock
                    ? new SpoolLockedException(path, ReadPid(file))
                    : DiskCalls.Failure($"cannot lock {LockPath(path)}");
            }
        }
        WritePid(file);
        return file;
    }

    /// <summary>Retries briefly: <see cref="IsLocked"/> of another process holds the lock while it asks.</summary>
    private static bool TryLock(SafeFileHandle file)
    {
        for (int attempt = 1; DiskCalls.Lock(file, DiskCalls.LockExclusive | DiskCalls.LockNonBlocking) != 0; attempt++)
        {
            if (attempt == 5 || Marshal.GetLastPInvokeError() != DiskCalls.WouldBlock) return false;
            Thread.Sleep(10);
        }
        return true;
    }

    private static string LockPath(string path) => Path.Combine(path, LockName);

    private static void WritePid(SafeFileHandle file)
    {
        try
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), 0);
        }
        catch (IOException)
        {
            // On a full disk the lock works without the pid, which only serves a better message.
        }
    }

    private static int ReadPid(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[16];
        try
        {
            int length = RandomAccess.Read(file, text, 0);
            return int.TryParse(text[..length].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private void RefuseUnlessLocked()
    {
        if (_lock is null) throw new IOException("opened for reading only");
    }

    private T Attempt<T>(string attempt, string name, Func<string, string, T> action)
    {
        try
        {
            return action(_path, name);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot {attempt} {Path.Combine(_path, name)}: {failure.Message}", failure);
        }
    }
}
