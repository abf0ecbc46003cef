using System.Runtime.InteropServices;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// A hidden hard link beside a socket's path. Programs that remove the path, or bind their own socket there, leave the link alone, so
/// the socket, with its queue and its owner, can get its path back. A socket without any name cannot.
/// </summary>
internal sealed class SocketHardLink(string path)
{
    public string Name { get; } = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.concentrator");

    /// <summary>Gives the file at the path a second name. Returns null, or the reason why it failed.</summary>
    public string? Make()
    {
        if (FileCalls.Identify(Name) == FileCalls.Identify(path)) return null;
        return Remove() ?? (FileCalls.Link(path, Name) == 0 ? null : Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Whether the second name still names that file.</summary>
    public bool Names(FileIdentity file) => FileCalls.Identify(Name) == file;

    /// <summary>Gives the path back to the file. Returns null, or the reason why it failed.</summary>
    /// <param name="replaces">Whether another file at the path may be replaced: by a rename, so that the path is never missing.</param>
    public string? PutBack(bool replaces)
    {
        if (!replaces) return FileCalls.Link(Name, path) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();
        string third = Name + "~";
        try
        {
            File.Delete(third);
            if (FileCalls.Link(Name, third) != 0) return Marshal.GetLastPInvokeErrorMessage();
            SeamlessRename.Move(third, path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>Removes the second name. Returns null, or the reason why it failed.</summary>
    public string? Remove()
    {
        try
        {
            File.Delete(Name);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
