using System.Runtime.InteropServices;
using Concentrator.Configuration.Values;
using Concentrator.Native;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// Opens the files that a configuration consists of and points to. A pipe, which would be waited for until somebody writes, is a
/// problem, and so is a path that can be none.
/// </summary>
internal static class PlainFile
{
    /// <summary>The problem of a path that names nothing.</summary>
    public const string Missing = "does not exist";

    private const string Refusal = "may not";

    /// <summary>Whether a file is there and this user may not read it; the problem then says itself what to do.</summary>
    public static bool IsRefusal(string problem) => problem.StartsWith(Refusal, StringComparison.Ordinal);

    /// <summary>The file, to be disposed by the caller; a problem says what is wrong with it without naming it.</summary>
    public static Parsed<FileStream> Open(string file)
    {
        if (file.Length == 0) return new Problem("is no path: it is empty");
        if (file.Contains('\0', StringComparison.Ordinal)) return new Problem("is no path: it contains a NUL character");

        // Without waiting: what stands at the path is looked at once it is open, so that nobody can exchange it meanwhile.
        SafeFileHandle handle = FileCalls.Open(file, FileCalls.ReadOnly | FileCalls.NonBlocking);
        if (handle.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return error switch
            {
                FileCalls.NoEntry => new Problem(Missing),
                FileCalls.NotPermitted or FileCalls.NoAccess => new Problem(
                    $"{Refusal} be read by user {Environment.UserName}: {(Environment.IsPrivilegedProcess ? "" : "run this as root, or ")}give that user read permission"),
                FileCalls.NoDevice => new Problem("is a socket or a device without a driver, not a file"),
                _ => new Problem($"cannot be read ({Marshal.GetPInvokeErrorMessage(error)})"),
            };
        }
        string? kind = FileCalls.Identify(handle)?.Kind switch
        {
            FileKind.Directory => "is a directory, not a file",
            FileKind.Pipe => "is a pipe, not a file",
            FileKind.Socket => "is a socket, not a file",
            FileKind.BlockDevice => "is a disk, not a file",
            _ => null,
        };
        if (kind is null && DescriptorCalls.TryMakeBlocking(handle, 0)) return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        kind ??= $"cannot be read ({Marshal.GetLastPInvokeErrorMessage()})";
        handle.Dispose();
        return new Problem(kind);
    }
}
