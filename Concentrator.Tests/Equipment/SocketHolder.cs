using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// The service manager's part of socket activation: binds sockets, holds them as long as it lives, and passes them to every
/// server that is started through its <see cref="Script"/>.
/// </summary>
internal sealed partial class SocketHolder : IDisposable
{
    private const int DuplicateFrom = 0;

    // Above what a program that just starts has open, so that the descriptors from 3 on are free for it.
    private const int Lowest = 100;

    private readonly List<(string Name, Socket Socket, SafeFileHandle Inheritable)> _held = [];

    public Socket UnixDatagrams(string name, string path) => Hold(name, Bind(AddressFamily.Unix, SocketType.Dgram, new UnixDomainSocketEndPoint(path)));

    public Socket UnixStreams(string name, string path) => Hold(name, Bind(AddressFamily.Unix, SocketType.Stream, new UnixDomainSocketEndPoint(path)));

    public Socket Udp(string name, int port) => Hold(name, Bind(AddressFamily.InterNetwork, SocketType.Dgram, new IPEndPoint(IPAddress.Loopback, port)));

    public Socket Tcp(string name, int port) => Hold(name, Bind(AddressFamily.InterNetwork, SocketType.Stream, new IPEndPoint(IPAddress.Loopback, port)));

    /// <summary>One that somebody else has bound; it becomes the holder's.</summary>
    public void Pass(string name, Socket socket) => Hold(name, socket);

    /// <summary>A program to start in the server's place: becomes the server, with the sockets as its descriptors from 3 on.</summary>
    /// <param name="directory">Where the script is written to.</param>
    /// <param name="program">The server, quoted; default <see cref="ServerProcess.Quoted"/>.</param>
    public string Script(TempDirectory directory, string? program = null)
    {
        IEnumerable<int> numbers = _held.Select(static held => (int)held.Inheritable.DangerousGetHandle());
        string moves = string.Join(' ', numbers.Select(static (number, i) => $"{i + 3}<&{number} {number}<&-"));
        return directory.WriteProgram("activated", $"""
            #!/bin/bash
            exec {moves}
            export LISTEN_FDS={_held.Count} LISTEN_PID=$$ LISTEN_FDNAMES='{string.Join(':', _held.Select(static held => held.Name))}'
            exec {program ?? ServerProcess.Quoted} "$@"

            """);
    }

    public void Dispose()
    {
        foreach ((_, Socket socket, SafeFileHandle inheritable) in _held)
        {
            inheritable.Dispose();
            socket.Dispose();
        }
    }

    private static Socket Bind(AddressFamily family, SocketType type, EndPoint address)
    {
        Socket socket = new(family, type, ProtocolType.Unspecified);
        socket.Bind(address);
        if (type == SocketType.Stream) socket.Listen(128);
        return socket;
    }

    // A descriptor made this way stays open in programs that are started from now on.
    private Socket Hold(string name, Socket socket)
    {
        SafeFileHandle inheritable = Duplicate(socket.SafeHandle, DuplicateFrom, Lowest);
        if (inheritable.IsInvalid) throw new Win32Exception();
        _held.Add((name, socket, inheritable));
        return socket;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial SafeFileHandle Duplicate(SafeSocketHandle socket, int command, int lowest);
}
