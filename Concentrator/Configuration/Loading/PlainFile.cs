using System.Runtime.InteropServices;
using Concentrator.Configuration.Values;
using Concentrator.Native;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// Opens the files of a configuration and the files that it names. An invalid path is a problem, and so is a pipe, because reading it
/// would wait for a writer.
/// </summary>
internal static class PlainFile
{
    /// <summary>The problem text for a file that does not exist.</summary>
    public const string Missing = "does not exist";

    private const string Refusal = "cannot be read by user";

    /// <summary>Whether the problem is a file that exists but that this user may not read; its text then includes the remedy.</summary>
    public static bool IsRefusal(string problem) => problem.StartsWith(Refusal, StringComparison.Ordinal);

    /// <summary>Opens the file; the caller disposes it. The problem says what is wrong without naming the file.</summary>
    public static Parsed<FileStream> Open(string file)
    {
        if (file.Length == 0) return new Problem("is not a path: it is empty");
        if (file.Contains('\0', StringComparison.Ordinal)) return new Problem("is not a path: it contains a NUL character");

        // Opened without blocking and examined afterwards, so that the file cannot be swapped between check and open.
        SafeFileHandle handle = FileCalls.Open(file, FileCalls.ReadOnly | FileCalls.NonBlocking);
        if (handle.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return error switch
            {
                FileCalls.NoEntry => new Problem(Missing),
                FileCalls.NotPermitted or FileCalls.NoAccess => new Problem(
                    $"{Refusal} {Environment.UserName}: {(Environment.IsPrivilegedProcess ? "" : "run this command as root, or ")}grant that user read permission"),
                FileCalls.NoDevice => new Problem("is a socket or a device without a driver, not a file"),
                _ => new Problem($"cannot be read ({Marshal.GetPInvokeErrorMessage(error)})"),
            };
        }
        string? kind = FileCalls.Identify(handle)?.Kind switch
        {
            FileKind.Directory => "is a directory, not a file",
            FileKind.Pipe => "is a pipe, not a file",
            FileKind.Socket => "is a socket, not a file",
            FileKind.BlockDevice => "is a block device, not a file",
            _ => null,
        };
        if (kind is null && DescriptorCalls.TryMakeBlocking(handle, 0)) return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        kind ??= $"cannot be read ({Marshal.GetLastPInvokeErrorMessage()})";
        handle.Dispose();
        return new Problem(kind);
    }
}
