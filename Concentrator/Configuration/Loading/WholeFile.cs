using System.Runtime.InteropServices;
using Concentrator.Configuration.Values;
using Concentrator.Native;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// Reads the whole of a file of the configuration, or of one that it names. An invalid path is a problem, and so is a pipe, because
/// reading it would wait for a writer. Every problem says what is wrong without naming the file.
/// </summary>
internal static class WholeFile
{
    /// <summary>The problem text for a file that does not exist.</summary>
    public const string Missing = "does not exist";

    /// <summary>Bytes. A thousand listeners fit; <c>/dev/zero</c> does not.</summary>
    private const int MostOfConfiguration = 4 * 1024 * 1024;

    /// <summary>Bytes. A system's whole CA bundle is a quarter of this.</summary>
    private const int MostOfText = 1024 * 1024;

    private const string Refusal = "cannot be read by user";

    /// <summary>Whether the problem is a file that exists but that this user may not read; its text then includes the remedy.</summary>
    public static bool IsRefusal(string problem) => problem.StartsWith(Refusal, StringComparison.Ordinal);

    /// <summary>The bytes of a configuration file in any syntax, without byte order mark.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="remedy">What to do if it cannot be read, for the problem.</param>
    public static Parsed<byte[]> ReadConfiguration(string file, string remedy)
    {
        if (!Read(file, MostOfConfiguration).TryGet(out byte[]? content, out string? problem))
        {
            return new Problem($"{problem}{(IsRefusal(problem) ? ", or" : ";")} {remedy}");
        }
        return content.AsSpan().StartsWith("\uFEFF"u8) ? content[3..] : content;
    }

    /// <summary>The text of a small file that a configuration points to: a key, a certificate.</summary>
    public static Parsed<string> ReadText(string file)
    {
        if (!Read(file, MostOfText).TryGet(out byte[]? content, out string? problem)) return new Problem(problem);
        using StreamReader reader = new(new MemoryStream(content));
        return reader.ReadToEnd();
    }

    private static Parsed<byte[]> Read(string file, int most)
    {
        if (!Open(file).TryGet(out FileStream? opened, out string? problem)) return new Problem(problem);
        try
        {
            using FileStream stream = opened;
            using MemoryStream content = new();
            byte[] buffer = new byte[64 * 1024];
            for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
            {
                content.Write(buffer, 0, read);
                if (content.Length > most) return new Problem($"is larger than {ByteSize.Format(most)}");
            }
            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem($"cannot be read ({e.Message})");
        }
    }

    private static Parsed<FileStream> Open(string file)
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
                    $"{Refusal} {Environment.UserName}: {(Environment.IsPrivilegedProcess ? "" : "run this as root, or ")}grant that user read permission"),
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
