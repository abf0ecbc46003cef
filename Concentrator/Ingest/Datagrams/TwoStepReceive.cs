using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Native;
using static Concentrator.Native.DatagramCalls;

namespace Concentrator.Ingest.Datagrams;

/// <summary>
/// Receives datagrams into the ring so that a kill -9 loses none of them. The kernel removes a datagram from the socket before it copies
/// it, and abandons the copy if it needs a page on behalf of a process that is being killed: the datagram is then in neither place. So
/// wherever a page may be missing (<see cref="ReceiveRing.MayMissPages"/>) there are two steps: a peek, which copies without removing, and
/// then the receive call, into the same slots. A kill in the first step has removed nothing; a kill in the second leaves the copies of the
/// first, and at worst the next process finds a batch in both places. It costs 0.4 µs a datagram.
/// Used by the reader's thread.
/// </summary>
internal sealed unsafe class TwoStepReceive
{
    private readonly Socket _socket;
    private readonly ReceiveRing _ring;
    private readonly bool _canLook;

    public TwoStepReceive(Socket socket, ReceiveRing ring)
    {
        _socket = socket;
        _ring = ring;
        try
        {
            // From the front: a process that was killed between the two steps has left the socket's peek offset further back.
            socket.SetRawSocketOption(SocketLevel, PeekOffset, BitConverter.GetBytes(0));
            _canLook = true;
        }
        catch (SocketException)
        {
            // An emulated kernel may not have the option: receive in one step, as where memory ends with the process.
        }
    }

    /// <summary>
    /// Receives datagrams into the ring's next slots; returns their number for <see cref="ReceiveRing.Fill"/>, or a negative number with
    /// the error in <see cref="Marshal.GetLastPInvokeError"/>. Waits for a free slot, never for the socket.
    /// </summary>
    /// <param name="wanted">The most datagrams to receive.</param>
    /// <param name="offered">How many of those slots were free.</param>
    public int Receive(int wanted, out int offered)
    {
        MessageHeader* headers = _ring.WaitForSpace(wanted, out offered);
        if (!_canLook || !_ring.MayMissPages) return ReceiveMany(_socket.SafeHandle, headers, (uint)offered, DontWait, 0);

        int seen = ReceiveMany(_socket.SafeHandle, headers, (uint)offered, DontWait | Peek, 0);
        bool hasLooked = seen > 0;
        if (hasLooked) CrashPoint.Reach("peeked");
        else if (Marshal.GetLastPInvokeError() != Fault) return seen;

        // A datagram that there is no page for is received anyway: it is lost and counted, and the next may fit.
        if (!hasLooked) seen = 1;
        headers = _ring.WaitForSpace(seen, out _);
        int received = ReceiveMany(_socket.SafeHandle, headers, (uint)seen, DontWait, 0);

        // A peek that failed after its first datagram leaves its error for the next call, which then removes nothing.
        if (received < 0 && hasLooked && Marshal.GetLastPInvokeError() == Fault)
            received = ReceiveMany(_socket.SafeHandle, headers, (uint)seen, DontWait, 0);
        for (int slot = Math.Max(received, 0); slot < seen; slot++) headers[slot].Received = 0;
        return received;
    }
}
