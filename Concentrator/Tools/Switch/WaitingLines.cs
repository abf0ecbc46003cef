using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>
/// The lines that are queued in a socket of ours that is given up. A running server reads them before it ends. One that does not start
/// leaves them there, and they would be lost when systemd closes the socket. So this process holds the socket until both have ended, and
/// then sends what is left to the next reader of HAProxy's lines.
/// </summary>
internal sealed class WaitingLines : IDisposable
{
    private const int LongestLine = 65536;

    /// <summary>The time limit for a slow reader, in milliseconds.</summary>
    private const int Patience = 5000;

    private readonly ulong _number;

    /// <summary>Null when the kernel does not allow holding it.</summary>
    private readonly Socket? _socket;

    private readonly int _refusal;

    private WaitingLines(ulong number, Socket? socket, int refusal)
    {
        _number = number;
        _socket = socket;
        _refusal = refusal;
    }

    /// <summary>Duplicates the socket; null when nobody holds it.</summary>
    /// <param name="host">The host whose processes are searched.</param>
    /// <param name="name">The name of a datagram socket: a path, or a complete abstract name.</param>
    public static WaitingLines? Hold(SwitchedHost host, string name)
    {
        if (PathOwner.At(name)?.Socket is not { } number) return null;
        string inode = number.ToString(CultureInfo.InvariantCulture);
        int refusal = 0;
        foreach (SocketHolder holder in new SocketHolders(host.Examined.Proc).Of([inode]))
        {
            foreach ((int theirs, string target) in ProcFile.Descriptors(host.Examined.Proc, holder.Pid))
            {
                if (target == ProcFile.SocketTarget(inode) && DescriptorCalls.TryShare(holder.Pid, theirs, out refusal) is { } ours)
                    return new WaitingLines(number, new Socket(new SafeSocketHandle(ours, ownsHandle: true)) { ReceiveTimeout = Patience }, refusal: 0);
            }
        }
        return refusal == 0 ? null : new WaitingLines(number, socket: null, refusal);
    }

    /// <summary>Sends all queued lines on, in order. Call it when nobody else reads the socket any more.</summary>
    /// <param name="next">The path of the next reader's socket; null = there is none.</param>
    /// <returns>What happened to the lines, as text, even when that is unknown; null when there were none.</returns>
    /// <exception cref="SocketException">The next reader does not accept them.</exception>
    public string? SendOn(string? next)
    {
        if (_socket is null)
        {
            return $"the unread lines in our socket are lost, and their number is unknown: the system does not allow the switch to hold the socket (pidfd_getfd: {Marshal.GetPInvokeErrorMessage(_refusal)}); "
                + "a running server would read them before it ends; holding it needs Linux 5.6 or later, kernel.yama.ptrace_scope below 3, and no security module that denies it";
        }
        UnixDomainSocketEndPoint? reader = next is null || PathOwner.At(next)?.Socket == _number ? null : new UnixDomainSocketEndPoint(next);
        using Socket sender = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = Patience };
        byte[] line = new byte[LongestLine];
        int count = 0;
        for (; _socket.Poll(0, SelectMode.SelectRead); count++)
        {
            int length = _socket.Receive(line);
            if (reader is not null) sender.SendTo(line.AsSpan(0, length), reader);
        }
        return count == 0 ? null
            : reader is null ? string.Create(CultureInfo.InvariantCulture, $"{count} lines that waited in our socket are lost: HAProxy sends to no other socket")
            : string.Create(CultureInfo.InvariantCulture, $"{count} lines that waited in our socket forwarded to the current reader");
    }

    public void Dispose() => _socket?.Dispose();
}
