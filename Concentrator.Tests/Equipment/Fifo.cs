using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>A named pipe.</summary>
internal static partial class Fifo
{
    private const int NonBlocking = 0x800;

    /// <summary>Makes it and returns its path.</summary>
    public static string Make(string path)
    {
        Assert.That(MakeFifo(path, 0b110_110_110), Is.Zero, path);
        return path;
    }

    /// <summary>Opens it without waiting for a writer.</summary>
    public static FileStream OpenForReading(string path)
    {
        SafeFileHandle handle = Open(path, NonBlocking);
        Assert.That(handle.IsInvalid, Is.False, path);
        return new FileStream(handle, FileAccess.Read, bufferSize: 0);
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
