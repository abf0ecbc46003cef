namespace Concentrator.Native;

/// <summary>
/// Gives a path to another file without a moment in which a mount shows what it covered. A rename over a path that is covered by a mount in
/// another mount namespace, as Debian's unit makes for HAProxy, first detaches the mount and then moves the file. In between, for up to
/// milliseconds, that namespace finds what the mount covered (Linux 6.18: 21 of 25 sockets that took a path so lost messages of a sender that
/// never rests; by an exchange none of 40).
/// </summary>
internal static class SeamlessRename
{
    /// <summary>Moves a file over a path of the same file system, or to it where nothing is there.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The system refuses.</exception>
    public static void Move(string name, string path)
    {
        // Not every file system can exchange, and where nothing is there, nothing can be exchanged: a rename can, or says why not.
        if (FileCalls.Exchange(name, path) == 0) File.Delete(name);
        else File.Move(name, path, overwrite: true);
    }
}
