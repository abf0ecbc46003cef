using System.Globalization;
using System.Net.Sockets;
using Concentrator.Configuration.Options;

namespace Concentrator.Ingest.Sockets;

/// <summary>Finds the process that holds the socket behind a path or an abstract name, before a listener tries to take it.</summary>
internal static class SocketReaders
{
    /// <summary>Whether no process holds the socket any more: the kernel then refuses a connection to it.</summary>
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
            // A live socket of the other type fails with EPROTOTYPE, a full one with EAGAIN: a process holds both.
            return e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable;
        }
    }

    /// <summary>"rsyslogd (pid 812)" where the system shows it, otherwise "another process".</summary>
    public static string Describe(string path) =>
        PathOwner.At(path)?.Socket is { } socket ? Describe(socket) : DescribeBoundAt(path);

    /// <summary>As <see cref="Describe(string)"/>, by the name that the socket was bound under, for kernels that hide its inode.</summary>
    public static string DescribeBoundAt(string path) => DescribeHolder(Numbers(Bound(), [path, UnixSocketPath.TemporaryName(path)]));

    /// <summary>As <see cref="Describe(string)"/>, for the socket with that inode.</summary>
    public static string Describe(ulong socket) => DescribeHolder([socket.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>As <see cref="Describe(string)"/>. Only one socket of a type has the name, so the kernel's list identifies it.</summary>
    public static string Describe(AbstractName name, SocketType type) => DescribeHolder(Numbers(Bound(), [name.Shown], type));

    /// <summary>Inodes of the sockets that were bound under one of these names, as in /proc/PID/fd.</summary>
    /// <param name="lines">The lines of /proc/net/unix.</param>
    /// <param name="names">The names in the notation of that file.</param>
    /// <param name="type">Null = any.</param>
    public static string[] Numbers(IEnumerable<string> lines, string[] names, SocketType? type = null)
    {
        string? kind = type is null ? null : type == SocketType.Dgram ? "0002" : "0001";

        // Num RefCount Protocol Flags Type St Inode Path.
        return [.. lines.Select(static line => line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 8 && names.Contains(fields[7]) && (kind is null || fields[4] == kind)).Select(static fields => fields[6])];
    }

    private static string DescribeHolder(string[] sockets)
    {
        HashSet<string> links = [.. sockets.Select(static number => $"socket:[{number}]")];
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

    private static IEnumerable<string> Bound() => File.ReadLines("/proc/net/unix");

    private static bool Holds(string process, HashSet<string> links)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(fd => File.ResolveLinkTarget(fd, returnFinalTarget: false) is { } target && links.Contains(target.Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Expected: the process has ended meanwhile, or belongs to another user.
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
