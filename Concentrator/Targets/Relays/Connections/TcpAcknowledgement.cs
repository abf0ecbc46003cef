using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Native;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// Bytes that the peer's TCP stack has acknowledged, from TCP_INFO. Measured (docs/reference/receivers.md, What TCP acknowledges):
/// <c>tcpi_bytes_acked</c>, less its value right after the connect, equals exactly the bytes written below the TLS layer. If TCP_INFO
/// lacks it (Linux before 4.1, user-mode emulators), it is the bytes written less those in flight by SIOCOUTQ. Allocates nothing.
/// </summary>
internal sealed class TcpAcknowledgement
{
    // <asm-generic/socket.h>
    private const int SocketLevel = 1;
    private const int SocketError = 4;

    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int RoundTripOffset = 68;
    private const int BytesAckedOffset = 120;

    // tcpi_state, the first byte: TCP_CLOSE.
    private const byte ClosedState = 7;

    private readonly Socket _socket;
    private readonly CountingStream _network;
    private readonly ulong? _baseline;

    /// <summary>Must be constructed right after the connect, before anything is written.</summary>
    public TcpAcknowledgement(CountingStream network)
    {
        _network = network;
        _socket = network.Socket;
        _baseline = Read();
    }

    /// <summary>Bytes acknowledged since the connect; null when the kernel no longer reports it (after a reset).</summary>
    public long? BytesAcknowledged
    {
        get
        {
            if (_baseline is not { } baseline) return WrittenLessQueued();
            return Read() is { } total ? (long)(total - baseline) : null;
        }
    }

    /// <summary>The connection is in state CLOSE because the peer has reset it, or the socket can no longer be queried.</summary>
    public bool IsReset
    {
        get
        {
            Span<byte> state = stackalloc byte[1];
            return !TryAsk(state) || state[0] == ClosedState;
        }
    }

    /// <summary>
    /// Whether the socket has a pending error that was not reported yet, as after a reset. Reading clears it.
    /// </summary>
    public bool HasError
    {
        get
        {
            Span<byte> error = stackalloc byte[sizeof(int)];
            try
            {
                return _socket.GetRawSocketOption(SocketLevel, SocketError, error) < error.Length || MemoryMarshal.Read<int>(error) != 0;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Expected: the connection is gone.
                return true;
            }
        }
    }

    /// <summary>The kernel's smoothed estimate (tcpi_rtt, microseconds); null when the socket can no longer be queried.</summary>
    public TimeSpan? RoundTrip
    {
        get
        {
            Span<byte> info = stackalloc byte[RoundTripOffset + sizeof(uint)];
            return TryAsk(info) ? TimeSpan.FromMicroseconds(BinaryPrimitives.ReadUInt32LittleEndian(info[RoundTripOffset..])) : null;
        }
    }

    private long? WrittenLessQueued()
    {
        // In this order: a write in between makes the result too small, never too large.
        long written = _network.BytesWritten;
        try
        {
            // A reset empties the queue, so it is checked for after the query.
            return SocketCalls.Unacknowledged(_socket.SafeHandle) is { } queued && !IsReset ? Math.Max(0, written - queued) : null;
        }
        catch (ObjectDisposedException)
        {
            // Expected: the connection is gone.
            return null;
        }
    }

    private ulong? Read()
    {
        Span<byte> info = stackalloc byte[BytesAckedOffset + sizeof(ulong)];
        return TryAsk(info) ? BinaryPrimitives.ReadUInt64LittleEndian(info[BytesAckedOffset..]) : null;
    }

    /// <summary>Fills the span with the first bytes of TCP_INFO; false when the socket cannot supply that many.</summary>
    private bool TryAsk(Span<byte> info)
    {
        try
        {
            return _socket.GetRawSocketOption(TcpLevel, TcpInfo, info) >= info.Length;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Expected: the connection is gone.
            return false;
        }
    }
}
