using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>The processes that hold a UDP or TCP port, in the network namespace behind a <c>/proc/…/net</c>.</summary>
/// <param name="proc">The examined host's <c>/proc</c>.</param>
internal sealed class PortHolders(string proc)
{
    private const string Listening = "0A";

    /// <summary>The state of a UDP socket that is not connected and so receives from any sender.</summary>
    private const string Open = "07";
    private const string HalfClosed = "08";

    /// <summary>Whether a socket receives what is sent to the address, and its holders, as far as this user may see.</summary>
    public (bool IsTaken, IReadOnlyList<SocketHolder> Holders) Of(IPEndPoint end, bool isStream)
    {
        string[] sockets = [.. Sockets(Path.Combine(proc, "net"), isStream ? "tcp" : "udp")
            .Where(socket => socket.Local.Port == end.Port && socket.State == (isStream ? Listening : Open) && Hears(socket.Local.Address, end.Address))
            .Select(static socket => socket.Number)];
        return (sockets.Length > 0, new SocketHolders(proc).Of(sockets));
    }

    /// <summary>The ports of a process's TCP connections that the peer has closed and the process has not.</summary>
    public IReadOnlyList<int> HalfClosedBy(int pid)
    {
        HashSet<string> open = [.. ProcFile.Descriptors(proc, pid).Select(static descriptor => descriptor.Target)];
        return [.. Sockets(ProcFile.Of(proc, pid, "net"), "tcp")
            .Where(socket => socket.State == HalfClosed && open.Contains(ProcFile.SocketTarget(socket.Number))).Select(static socket => socket.Remote.Port).Distinct()];
    }

    /// <summary>An IPv6 wildcard socket also receives IPv4, unless IPV6_V6ONLY is set, which /proc does not show.</summary>
    private static bool Hears(IPAddress bound, IPAddress sent) =>
        bound.Equals(sent) || bound.Equals(IPAddress.IPv6Any) || (bound.Equals(IPAddress.Any) && sent.AddressFamily == AddressFamily.InterNetwork)
        || (bound.IsIPv4MappedToIPv6 && bound.MapToIPv4().Equals(sent));

    /// <summary>Parses /proc/net/tcp and udp: sl, local address, remote address, state, and the inode as the tenth field.</summary>
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

    /// <summary>Parses ADDRESS:PORT in hexadecimal. The address consists of 32-bit words in this machine's byte order.</summary>
    private static IPEndPoint EndOf(string text)
    {
        string[] parts = text.Split(':');
        byte[] address = Convert.FromHexString(parts[0]);
        if (BitConverter.IsLittleEndian)
            for (int word = 0; word < address.Length; word += sizeof(uint)) address.AsSpan(word, sizeof(uint)).Reverse();
        return new IPEndPoint(new IPAddress(address), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
