using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Datagrams;

/// <summary>Makes the two kinds of datagram socket; everything after that is the same for both.</summary>
internal static class DatagramSocket
{
    // Linux socket options that .NET has no names for.
    private const int ForceReceiveBuffer = 33;
    private const int ReceiveBufferOption = 8;

    /// <summary>The kernel's default for net.core.wmem_default, in bytes.</summary>
    private const int DefaultSendBuffer = 212_992;

    /// <summary>The inherited socket, or the one of the listener before, or else one of our own.</summary>
    /// <param name="before">Whose socket has the abstract name; null where nobody has.</param>
    /// <exception cref="BindException">The path or address cannot be had.</exception>
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

    /// <summary>How the socket may be read: what it and its senders can hold while nobody does.</summary>
    public static ReceivePace PaceOf(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix) return new ReceivePace(socket.ReceiveBufferSize, ReceiveRing.Slots);

        // A unix datagram waits at its sender's expense, and few raise that; a socket from before us has the length of its time.
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

    /// <summary>The count only tells what was lost: a kernel or an emulator without it receives as well.</summary>
    private static void AskForDropCount(Socket socket, ListenerOptions options, ILogger log)
    {
        try
        {
            socket.SetRawSocketOption(DatagramCalls.SocketLevel, ReceiveRing.ReceiveQueueOverflow, BitConverter.GetBytes(1));
        }
        catch (SocketException e)
        {
            log.KernelDropsUnknown(options.Name, e.Message);
        }
    }

    /// <summary>The forced size needs CAP_NET_ADMIN; without it the kernel grants what net.core.rmem_max allows.</summary>
    private static void AskForReceiveBuffer(Socket socket, ListenerOptions options, ILogger log)
    {
        // The kernel reports twice what it grants: the other half is its own bookkeeping. A socket unit may have asked for more.
        if (socket.ReceiveBufferSize / 2 >= options.ReceiveBuffer) return;
        try
        {
            socket.SetRawSocketOption(DatagramCalls.SocketLevel, ForceReceiveBuffer, BitConverter.GetBytes(options.ReceiveBuffer));
            return;
        }
        catch (SocketException)
        {
            // Expected without the capability: ask for it the ordinary way and say what was granted.
        }
        socket.SetRawSocketOption(DatagramCalls.SocketLevel, ReceiveBufferOption, BitConverter.GetBytes(options.ReceiveBuffer));
        int granted = socket.ReceiveBufferSize / 2;
        if (granted < options.ReceiveBuffer) log.ReceiveBufferSmaller(options.Name, granted, options.ReceiveBuffer);
    }
}
