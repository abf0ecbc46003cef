using System.Globalization;
using System.Net.Sockets;
using Concentrator.Configuration;

namespace Concentrator.Ingest;

/// <summary>Who holds the socket behind a path or an abstract name: asked once, before a listener takes it or cannot.</summary>
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
    public static string Describe(string path) =>
        PathTaker.At(path)?.Socket is { } socket ? Describe(socket) : DescribeHolder([.. InodesAt(path).Select(static inode => $"socket:[{inode}]")]);

    /// <summary>As <see cref="Describe(string)"/>, of the socket with that number.</summary>
    public static string Describe(ulong socket) => DescribeHolder([$"socket:[{socket}]"]);

    /// <summary>As <see cref="Describe(string)"/>. One socket of a kind has the name, so the kernel's list of names tells which.</summary>
    public static string Describe(AbstractName name, SocketType type)
    {
        string kind = type == SocketType.Dgram ? "0002" : "0001";
        return DescribeHolder([.. Bound().Where(fields => fields[7] == name.Shown && fields[4] == kind).Select(static fields => $"socket:[{fields[6]}]")]);
    }

    private static string DescribeHolder(HashSet<string> links)
    {
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

    private static IEnumerable<string> InodesAt(string path)
    {
        string temporary = UnixSocketPath.TemporaryName(path);
        return Bound().Where(fields => fields[7] == path || fields[7] == temporary).Select(static fields => fields[6]);
    }

    // Lines of /proc/net/unix: Num RefCount Protocol Flags Type St Inode Path.
    private static IEnumerable<string[]> Bound() => File.ReadLines("/proc/net/unix")
        .Select(static line => line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries)).Where(static fields => fields.Length == 8);

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
