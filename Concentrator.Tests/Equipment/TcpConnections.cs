using System.Globalization;

namespace Concentrator.Tests.Equipment;

/// <summary>The TCP connections of another process, by the names that <c>/proc/PID/fd</c> has for their sockets (<c>socket:[INODE]</c>).</summary>
internal static class TcpConnections
{
    private const int RemoteAddress = 2, State = 3, Inode = 9;
    private const string Established = "01";

    /// <summary>Those of a process that are established, over IPv4, to a port.</summary>
    public static IReadOnlyList<string> To(int port, int pid)
    {
        string suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        HashSet<string> toPort = [.. from line in File.ReadLines("/proc/net/tcp").Skip(1)
            let columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where columns[RemoteAddress].EndsWith(suffix, StringComparison.Ordinal) && columns[State] == Established
            select $"socket:[{columns[Inode]}]"];
        return [.. SocketsOf(pid).Where(toPort.Contains)];
    }

    /// <summary>Waits until the process has closed them, which is later than the kernel's knowing of their end.</summary>
    public static void WaitUntilClosed(IReadOnlyList<string> sockets, int pid) =>
        Eventually.Holds(() => !SocketsOf(pid).Intersect(sockets).Any(), $"process {pid} has closed {string.Join(", ", sockets)}");

    private static IEnumerable<string> SocketsOf(int pid) =>
        Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Select(static entry => new FileInfo(entry).LinkTarget).OfType<string>();
}
