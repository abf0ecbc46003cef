using System.Globalization;
using System.Net.Sockets;
using Concentrator.Doctor;
using Concentrator.Ingest;
using Concentrator.Native;

namespace Concentrator.Switch;

/// <summary>
/// What waits in a socket of ours that is given up. A server that runs reads it before it ends; one that does not start leaves it there, and
/// systemd, which closes the socket, would end it too. So this process holds the socket with them until both have ended, and sends what is left
/// to who has HAProxy's lines next.
/// </summary>
internal sealed class WaitingLines : IDisposable
{
    private const int LongestLine = 65536;

    /// <summary>For a reader who is slow, in milliseconds.</summary>
    private const int Patience = 5000;

    private readonly ulong _number;
    private readonly Socket _socket;

    private WaitingLines(ulong number, SafeSocketHandle socket)
    {
        _number = number;
        _socket = new Socket(socket) { ReceiveTimeout = Patience };
    }

    /// <summary>Null where nobody has that socket, or the system does not let us hold it with him.</summary>
    /// <param name="host">Whose processes are looked at.</param>
    /// <param name="name">Of a datagram socket: a path, or an abstract name whole.</param>
    public static WaitingLines? Hold(SwitchedHost host, string name)
    {
        if (PathTaker.At(name)?.Socket is not { } number) return null;
        string inode = number.ToString(CultureInfo.InvariantCulture);
        foreach (SocketHolder holder in new SocketHolders(host.Examined.Proc).Of([inode]))
        {
            foreach ((int theirs, string target) in ProcFile.Descriptors(host.Examined.Proc, holder.Pid))
            {
                if (target == ProcFile.SocketTarget(inode) && DescriptorCalls.TryShare(holder.Pid, theirs) is { } ours)
                    return new WaitingLines(number, new SafeSocketHandle(ours, ownsHandle: true));
            }
        }
        return null;
    }

    /// <summary>Sends all on, in their order. For when nobody else reads the socket any more.</summary>
    /// <param name="next">The path of his socket; null = there is nobody.</param>
    /// <returns>What became of them, for people; null where there was none.</returns>
    /// <exception cref="SocketException">He does not take them.</exception>
    public string? SendOn(string? next)
    {
        UnixDomainSocketEndPoint? reader = next is null || PathTaker.At(next)?.Socket == _number ? null : new UnixDomainSocketEndPoint(next);
        using Socket sender = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = Patience };
        byte[] line = new byte[LongestLine];
        int count = 0;
        for (; _socket.Poll(0, SelectMode.SelectRead); count++)
        {
            int length = _socket.Receive(line);
            if (reader is not null) sender.SendTo(line.AsSpan(0, length), reader);
        }
        return count == 0 ? null
            : reader is null ? string.Create(CultureInfo.InvariantCulture, $"{count} lines that waited in our socket are lost: HAProxy sends to no other")
            : string.Create(CultureInfo.InvariantCulture, $"{count} lines that waited in our socket sent on to who reads there now");
    }

    public void Dispose() => _socket.Dispose();
}
