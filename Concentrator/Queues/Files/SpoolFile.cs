using System.Runtime.InteropServices;
using Concentrator.Native;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Queues.Files;

/// <summary>A real file. Reads and writes allocate nothing.</summary>
internal sealed class SpoolFile : ISpoolFile
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;

    /// <param name="handle">Owned by this object.</param>
    /// <param name="path">Used in error messages.</param>
    public SpoolFile(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    public long Length
    {
        get
        {
            try
            {
                return RandomAccess.GetLength(_handle);
            }
            catch (Exception failure) when (IsOfTheOutsideWorld(failure))
            {
                throw Failure("measure", failure);
            }
        }
    }

    public int Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
            return bytes.Length;
        }
        catch (Exception failure) when (IsOfTheOutsideWorld(failure))
        {
            throw Failure("write", failure);
        }
    }

    public int Read(Span<byte> bytes, long offset)
    {
        try
        {
            return RandomAccess.Read(_handle, bytes, offset);
        }
        catch (Exception failure) when (IsOfTheOutsideWorld(failure))
        {
            throw Failure("read", failure);
        }
    }

    public void Sync()
    {
        while (DiskCalls.SyncData(_handle) != 0)
        {
            if (Marshal.GetLastPInvokeError() != FileCalls.Interrupted) throw DiskCalls.Failure($"cannot flush {_path}");
        }
    }

    public void Dispose() => _handle.Dispose();

    // .NET reports some errors of write(2), for example EPERM or EFBIG, as these instead of an IOException.
    private static bool IsOfTheOutsideWorld(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    private IOException Failure(string attempt, Exception failure) =>
        new($"cannot {attempt} {_path}: {failure.Message}", failure) { HResult = failure.HResult };
}
