using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A disk of the test's own (ext4 in a file) that can stall: while it is frozen, whoever changes something on it sleeps in the kernel and
/// cannot even be killed, as with a disk that does not answer. Needs root.
/// </summary>
internal sealed partial class LoopDisk : IDisposable
{
    // <linux/fs.h>: _IOWR('X', 119, int) and 120.
    private const nuint FreezeRequest = 0xC0045877;
    private const nuint ThawRequest = 0xC0045878;

    private readonly string _image;

    /// <param name="directory">Where the disk's file lies, and its mount point is made.</param>
    public LoopDisk(TempDirectory directory)
    {
        _image = directory["disk.image"];
        Path = directory["disk"];
        Directory.CreateDirectory(Path);
        using (FileStream image = File.Create(_image)) image.SetLength(256 << 20);
        RunOrIgnore("mkfs.ext4", "-q", "-F", _image);
        RunOrIgnore("mount", "-o", "loop", _image, Path);
    }

    public string Path { get; }

    /// <summary>Stalls until the result is disposed, which must be before anybody on it is to end.</summary>
    public IDisposable Stall() => new Stalled(Path);

    public void Dispose()
    {
        // Lazily: a process that a failed test has left may hold it.
        _ = PeerProcess.Run(new PeerStart { Path = "umount", Arguments = ["--lazy", Path] }, within: Deadline.Process);
        File.Delete(_image);
    }

    private static void RunOrIgnore(string program, params string[] arguments)
    {
        (int exitCode, string output, string errors) = PeerProcess.Run(
            new PeerStart { Path = Peer.Require(program, "e2fsprogs and mount"), Arguments = arguments }, within: Deadline.Process);
        if (exitCode == 0) return;
        string reason = $"{program} {string.Join(' ', arguments)}: {output}{errors}".TrimEnd();
        Assert.Ignore($"{reason}; run the tests as root, where there are loop devices");
    }

    private sealed class Stalled : IDisposable
    {
        private readonly SafeFileHandle _root;

        public Stalled(string path)
        {
            _root = OpenDirectory(path, 0);
            if (_root.IsInvalid || Control(_root, FreezeRequest, 0) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), $"cannot freeze {path}");
        }

        public void Dispose()
        {
            _ = Control(_root, ThawRequest, 0);
            _root.Dispose();
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, nint argument);
}
