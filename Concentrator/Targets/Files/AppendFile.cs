using System.Runtime.InteropServices;
using Concentrator.Configuration.Options;
using Concentrator.Native;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Targets.Files;

/// <summary>
/// A log file opened for appending (O_APPEND: a file truncated by logrotate's <c>copytruncate</c> while open gets no hole).
/// Used by one thread. Every failure is an <see cref="IOException"/> whose message gives the system's reason and a remedy.
/// </summary>
internal sealed class AppendFile : IDisposable
{
    private const int StandardOutput = 1;

    /// <summary>Limit on attempts, in case another process keeps creating and removing the file.</summary>
    private const int MostAttempts = 10;

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private AppendFile(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
        Identity = FileCalls.Identify(handle);
    }

    public FileIdentity? Identity { get; }

    /// <summary>Whether the path still names this file; false after a rotation.</summary>
    public bool IsCurrent => Identity is null || FileCalls.Identify(_path) == Identity;

    /// <summary>
    /// Whether the file ends in the middle of a line, because its last writer was killed. False for anything but a regular file, and
    /// for a file that may not be read.
    /// </summary>
    public bool EndsWithinLine
    {
        get
        {
            if (Identity?.Kind != FileKind.Regular) return false;
            try
            {
                using SafeFileHandle file = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                long length = RandomAccess.GetLength(file);
                Span<byte> last = stackalloc byte[1];
                return length > 0 && RandomAccess.Read(file, last, length - 1) == 1 && last[0] != (byte)'\n';
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                return false;
            }
        }
    }

    /// <summary>
    /// Opens the file, or creates it and any missing directory. Mode and owner are applied to a new file only. Never waits: a pipe
    /// without a reader is an error, and so is a dangling symbolic link (creating the file through it would let anyone who can write
    /// the link choose the file's location).
    /// </summary>
    public static AppendFile Open(FileOutputOptions options)
    {
        const int flags = FileCalls.WriteOnly | FileCalls.Append | FileCalls.NonBlocking;

        // Opening it by name is refused if the service manager reads it through a socket, or if it belongs to another user.
        if (options.Path == "/dev/stdout") return new AppendFile(new SafeFileHandle(StandardOutput, ownsHandle: false), options.Path);
        for (int attempt = 1; ; attempt++)
        {
            SafeFileHandle handle = FileCalls.Open(options.Path, flags);
            if (!handle.IsInvalid) return Opened(handle, options.Path);
            int error = Marshal.GetLastPInvokeError();
            if (error == FileCalls.NoDevice) throw new IOException(WhyNobodyTakesIt(options.Path));
            if (error != FileCalls.NoEntry) throw Failure("open", options.Path);

            CreateDirectory(options.Path);
            handle = FileCalls.Open(options.Path, flags | FileCalls.Create | FileCalls.Exclusive, (uint)options.Mode);
            if (!handle.IsInvalid)
            {
                GiveModeAndOwner(handle, options);
                return Opened(handle, options.Path);
            }

            // Created by another process between the two calls, and then opened like any other file; or it is a dangling link.
            if (Marshal.GetLastPInvokeError() != FileCalls.Exists || attempt == MostAttempts) throw Failure("create", options.Path);
            if (LinkOf(options.Path) is string target) throw new IOException($"cannot open: it is a symbolic link to {target}, which does not exist");
        }
    }

    /// <summary>Makes the file blocking: a non-blocking pipe would refuse what does not fit while its reader is slow.</summary>
    private static AppendFile Opened(SafeFileHandle handle, string path)
    {
        AppendFile file = new(handle, path);
        if (DescriptorCalls.TryMakeBlocking(handle, FileCalls.Append)) return file;
        IOException failure = Failure("open", path);
        file.Dispose();
        throw failure;
    }

    private static string WhyNobodyTakesIt(string path) => FileCalls.Identify(path)?.Kind switch
    {
        FileKind.Pipe => "cannot open: the pipe has no reader",
        FileKind.Socket => "cannot open: it is a socket",
        _ => "cannot open: it is a device without a driver",
    };

    /// <summary>Returns the literal target of a symbolic link; null when the path is not a link or is gone.</summary>
    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Appends as much as the file system accepts, at least one byte; returns the number of bytes.</summary>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            nint written = FileCalls.Write(_handle, bytes, bytes.Length);
            if (written > 0) return (int)written;
            if (written == 0 || Marshal.GetLastPInvokeError() != FileCalls.Interrupted) throw Failure("write", _path);
        }
    }

    public void Dispose() => _handle.Dispose();

    private static void CreateDirectory(string path)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } directory) Directory.CreateDirectory(directory);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{e.Message} ({WriteRefusal.Remedy(FileCalls.NoAccess, path)})", e);
        }
    }

    private static void GiveModeAndOwner(SafeFileHandle handle, FileOutputOptions options)
    {
        // The process's umask has removed bits from the mode given to open().
        bool done = FileCalls.ChangeMode(handle, (uint)options.Mode) == 0;
        uint user = Accounts.Unchanged, group = Accounts.Unchanged;
        if (options.Owner is not null) done &= Accounts.TryFindUser(options.Owner, out user);
        if (options.Group is not null) done &= Accounts.TryFindGroup(options.Group, out group);
        if (user != Accounts.Unchanged || group != Accounts.Unchanged) done &= FileCalls.ChangeOwner(handle, user, group) == 0;
        if (done) return;
        IOException failure = Failure("set its mode and owner", options.Path);
        handle.Dispose();
        File.Delete(options.Path);
        throw failure;
    }

    private static IOException Failure(string step, string path)
    {
        string remedy = WriteRefusal.Remedy(Marshal.GetLastPInvokeError(), path) is { } known ? $" ({known})" : "";
        return new IOException($"cannot {step}: {Marshal.GetLastPInvokeErrorMessage()}{remedy}");
    }
}
