using System.Globalization;
using System.Net.Sockets;

namespace Concentrator.Ingest;

/// <summary>Who holds the socket behind a path: asked once, before a listener takes the path.</summary>
internal static class SocketReaders
{
    /// <summary>Whether nobody holds the socket any more: the kernel then refuses a connection to it.</summary>
    public static bool IsAbandoned(string path, SocketType type)
    {
        using Socket probe = new(AddressFamily.Unix, type, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return false;
        }
        catch (SocketException e)
        {
            // A live socket of the other type answers EPROTOTYPE, a full one EAGAIN: both are held by someone.
            return e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable;
        }
    }

    /// <summary>"rsyslogd (pid 812)" where the system shows it, else "another process".</summary>
    public static string Describe(string path)
    {
        HashSet<string> links = [.. InodesAt(path).Select(static inode => $"socket:[{inode}]")];
        if (links.Count != 0)
        {
            foreach (string process in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && Holds(process, links))
                    return $"{NameOf(process)} (pid {pid})";
            }
        }
        return "another process";
    }

    // Lines of /proc/net/unix: Num RefCount Protocol Flags Type St Inode Path.
    private static IEnumerable<string> InodesAt(string path)
    {
        string temporary = UnixSocketPath.TemporaryName(path);
        foreach (string line in File.ReadLines("/proc/net/unix"))
        {
            string[] fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 8 && (fields[7] == path || fields[7] == temporary)) yield return fields[6];
        }
    }

    private static bool Holds(string process, HashSet<string> links)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(fd => File.ResolveLinkTarget(fd, returnFinalTarget: false) is { } target && links.Contains(target.Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected: the process has ended meanwhile, or belongs to someone else.
            return false;
        }
    }

    private static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected: the process has ended meanwhile.
            return "a process";
        }
    }
}
