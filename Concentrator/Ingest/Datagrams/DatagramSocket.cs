using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Datagrams;

/// <summary>Creates unix and UDP datagram sockets. Everything after the bind is the same for both.</summary>
internal static class DatagramSocket
{
    // Linux socket options that .NET has no names for.
    private const int ForceReceiveBuffer = 33;
    private const int ReceiveBufferOption = 8;

    /// <summary>The kernel's default for net.core.wmem_default, in bytes.</summary>
    private const int DefaultSendBuffer = 212_992;

    /// <summary>Takes the inherited socket, or shares that of the previous listener, or binds a new one.</summary>
    /// <param name="before">The socket that holds the abstract name; null if none does.</param>
    /// <exception cref="BindException">The path or address is not available.</exception>
    public static BoundSocket Bind(ListenerOptions options, IngestContext context, BoundSocket? before)
    {
        if (context.Inherited.Take(options, context.Log) is { } inherited)
        {
            if (!options.Address.IsUnix) Prepare(inherited.Socket, options, context.Log);
            return inherited;
        }
        if (before is not null) return before.Share();
        Socket socket = Create(options);
        try
        {
            if (options.Address.Path is not null) return new BoundSocket(socket, UnixSocketPath.Bind(socket, options));
            if (options.Address.Abstract is not null)
            {
                AbstractSocket.Bind(socket, options);
                return new BoundSocket(socket);
            }
            Prepare(socket, options, context.Log);
            socket.Bind(options.Address.EndPoint!);
            return new BoundSocket(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new BindException(options.Name, options.Address.ToString(), e.Message);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The pace at which to read the socket, from what the socket and its senders can hold while nobody reads.</summary>
    public static ReceivePace PaceOf(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix) return new ReceivePace(socket.ReceiveBufferSize, ReceiveRing.Slots);

        // A unix datagram is charged to its sender's buffer, which few raise. An older socket has the queue length of when it was created.
        return new ReceivePace(DefaultSendBuffer, DatagramQueueLength.Present);
    }

    private static Socket Create(ListenerOptions options)
    {
        if (options.Address.IsUnix) return new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        Socket socket = new(options.Address.EndPoint!.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (options.Address.IsAnyIPv6) socket.DualMode = true;
        return socket;
    }

    private static void Prepare(Socket socket, ListenerOptions options, ILogger log)
    {
        AskForReceiveBuffer(socket, options, log);
        AskForDropCount(socket, options, log);
    }

    /// <summary>Enables the kernel's drop count. It only reports losses: a kernel or emulator without it receives as well.</summary>
    private static void AskForDropCount(Socket socket, ListenerOptions options, ILogger log)
    {
        try
        {
            socket.SetRawSocketOption(DatagramCalls.SocketLevel, DatagramCalls.ReceiveQueueOverflow, BitConverter.GetBytes(1));
        }
        catch (SocketException e)
        {
            log.KernelDropsUnknown(options.Name, e.Message);
        }
    }

    /// <summary>Forcing the size needs CAP_NET_ADMIN; without it the kernel grants at most net.core.rmem_max.</summary>
    private static void AskForReceiveBuffer(Socket socket, ListenerOptions options, ILogger log)
    {
        // The kernel reports twice what it grants: the other half is its own bookkeeping. A socket unit may have set a larger buffer.
        if (socket.ReceiveBufferSize / 2 >= options.ReceiveBuffer) return;
        try
        {
            socket.SetRawSocketOption(DatagramCalls.SocketLevel, ForceReceiveBuffer, BitConverter.GetBytes(options.ReceiveBuffer));
            return;
        }
        catch (SocketException)
        {
            // Expected without the capability: request it the ordinary way and log what was granted.
        }
        socket.SetRawSocketOption(DatagramCalls.SocketLevel, ReceiveBufferOption, BitConverter.GetBytes(options.ReceiveBuffer));
        int granted = socket.ReceiveBufferSize / 2;
        if (granted < options.ReceiveBuffer) log.ReceiveBufferSmaller(options.Name, granted, options.ReceiveBuffer);
    }
}
