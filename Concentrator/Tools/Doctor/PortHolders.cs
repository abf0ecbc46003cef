using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Concentrator.Tools.Doctor;

/// <summary>Who has a UDP or TCP port, in a network namespace that is looked at through <c>/proc/…/net</c>.</summary>
/// <param name="proc">The host's.</param>
internal sealed class PortHolders(string proc)
{
    private const string Listening = "0A";

    /// <summary>Of UDP: not connected, so whoever sends there is heard.</summary>
    private const string Open = "07";
    private const string HalfClosed = "08";

    /// <summary>Whether somebody receives what is sent to the address; and who, as far as this user may see.</summary>
    public (bool IsTaken, IReadOnlyList<SocketHolder> Holders) Of(IPEndPoint end, bool isStream)
    {
        string[] sockets = [.. Sockets(Path.Combine(proc, "net"), isStream ? "tcp" : "udp")
            .Where(socket => socket.Local.Port == end.Port && socket.State == (isStream ? Listening : Open) && Hears(socket.Local.Address, end.Address))
            .Select(static socket => socket.Number)];
        return (sockets.Length > 0, new SocketHolders(proc).Of(sockets));
    }

    /// <summary>The ports to which a process has TCP connections that their other side has ended and it has not.</summary>
    public IReadOnlyList<int> HalfClosedBy(int pid)
    {
        HashSet<string> open = [.. ProcFile.Descriptors(proc, pid).Select(static descriptor => descriptor.Target)];
        return [.. Sockets(ProcFile.Of(proc, pid, "net"), "tcp")
            .Where(socket => socket.State == HalfClosed && open.Contains(ProcFile.SocketTarget(socket.Number))).Select(static socket => socket.Remote.Port).Distinct()];
    }

    /// <summary>A socket of IPv6 that is bound to every address hears IPv4 too, unless it was told not to, which is not shown.</summary>
    private static bool Hears(IPAddress bound, IPAddress sent) =>
        bound.Equals(sent) || bound.Equals(IPAddress.IPv6Any) || (bound.Equals(IPAddress.Any) && sent.AddressFamily == AddressFamily.InterNetwork)
        || (bound.IsIPv4MappedToIPv6 && bound.MapToIPv4().Equals(sent));

    /// <summary>Lines of /proc/net/tcp and udp: sl, local address, remote address, state, and as the tenth field the inode.</summary>
    private static IEnumerable<(IPEndPoint Local, IPEndPoint Remote, string State, string Number)> Sockets(string directory, string protocol)
    {
        foreach (string file in (string[])[protocol, protocol + "6"])
        {
            foreach (string line in (ProcFile.TryRead(Path.Combine(directory, file)) ?? "").Split('\n').Skip(1))
            {
                string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 9) yield return (EndOf(fields[1]), EndOf(fields[2]), fields[3], fields[9]);
            }
        }
    }

    /// <summary>ADDRESS:PORT in hexadecimal digits; the address in words of 32 bits, each as it lies in this machine's memory.</summary>
    private static IPEndPoint EndOf(string text)
    {
        string[] parts = text.Split(':');
        byte[] address = Convert.FromHexString(parts[0]);
        if (BitConverter.IsLittleEndian)
            for (int word = 0; word < address.Length; word += sizeof(uint)) address.AsSpan(word, sizeof(uint)).Reverse();
        return new IPEndPoint(new IPAddress(address), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
