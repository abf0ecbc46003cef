using System.Net.Sockets;
using Concentrator.Native;

namespace Concentrator.Hosting.HandOver;

/// <summary>A client's connection to the control socket of the running server.</summary>
internal static class ControlConnection
{
    /// <summary>Connects; null if no server listens there. The caller owns the channel.</summary>
    /// <param name="path">The control socket.</param>
    /// <param name="limit">The longest wait while others are connecting.</param>
    /// <param name="pid">The server's process.</param>
    /// <param name="trustsOwner">
    /// Whether root also trusts a server of the user who owns the socket's directory: for a conversation in which nothing is taken over.
    /// </param>
    /// <exception cref="IOException">There is one that cannot be connected to, or must not be trusted; the message is one line for people.</exception>
    public static TakeOverChannel? TryOpen(string path, TimeSpan limit, out int pid, bool trustsOwner = false)
    {
        pid = 0;
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // A unix connect blocks while the peer's backlog is full, up to this time.
            socket.SendTimeout = (int)limit.TotalMilliseconds;
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            return e is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable }
                ? null
                : throw new IOException($"{path}: {e.Message}", e);
        }
        TakeOverChannel channel = new(socket);
        (pid, uint user) = channel.Peer;
        uint self = DescriptorCalls.EffectiveUser();
        if (user == 0 || user == self) return channel;
        if (trustsOwner && self == 0 && FileCalls.OwnerOf(Path.GetDirectoryName(path)!)?.User == user) return channel;
        channel.Dispose();
        throw new IOException($"process {pid} at {path} runs as user {user}, which is neither root nor the user of this process");
    }
}
