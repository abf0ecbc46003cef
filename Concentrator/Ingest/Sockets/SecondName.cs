using System.Runtime.InteropServices;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// A hidden hard link beside a socket's path. Who removes the path, or binds his own socket there, leaves it alone; so the socket, with its
/// queue and whoever lent it, can get its path back. A socket without any name left cannot.
/// </summary>
internal sealed class SecondName(string path)
{
    public string Name { get; } = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.concentrator");

    /// <summary>Gives the file that the path names a second name. Null, or why that cannot be.</summary>
    public string? Make()
    {
        if (FileCalls.Identify(Name) == FileCalls.Identify(path)) return null;
        return Remove() ?? (FileCalls.Link(path, Name) == 0 ? null : Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Whether it still names that file.</summary>
    public bool Names(FileIdentity file) => FileCalls.Identify(Name) == file;

    /// <summary>Gives the path back to the file. Null, or why that cannot be.</summary>
    /// <param name="replaces">Whether something else may be replaced there: by a rename, in no moment of which the path names nothing.</param>
    public string? PutBack(bool replaces)
    {
        if (!replaces) return FileCalls.Link(Name, path) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();
        string third = Name + "~";
        try
        {
            File.Delete(third);
            if (FileCalls.Link(Name, third) != 0) return Marshal.GetLastPInvokeErrorMessage();
            File.Move(third, path, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>Null, or why that cannot be.</summary>
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
