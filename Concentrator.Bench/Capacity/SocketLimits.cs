using System.Numerics;
using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Capacity;

/// <summary>
/// How many datagrams of a given size a unix socket queues before its sender gets EAGAIN. Two limits apply, and the smaller one decides
/// (docs/reference/haproxy.md, Datagrams).
/// </summary>
internal static class SocketLimits
{
    /// <summary>What the kernel stores behind the data of each socket buffer, in bytes.</summary>
    private const int SharedInfo = 320;

    /// <summary>What the kernel charges for the socket buffer's descriptor, in bytes.</summary>
    private const int BufferHead = 256;

    /// <summary>
    /// The limit by the sender's SO_SNDBUF. Each datagram is charged with the memory it takes, which the kernel rounds up to a power of
    /// two. Measured: 278 of 137 bytes, 167 of 337, 93 of 937, 13 of 8037 at the default of 212,992.
    /// </summary>
    /// <param name="sendBuffer">In bytes, as the kernel holds it (twice the requested size).</param>
    public static long BySendBuffer(long sendBuffer, int size)
    {
        long charged = BitOperations.RoundUpToPowerOf2((uint)(size + SharedInfo)) + BufferHead;
        return (sendBuffer + charged - 1) / charged;
    }

    /// <summary>The size that the kernel grants for a requested one: at most wmem_max, doubled.</summary>
    public static long Granted(long asked) => 2 * Math.Min(asked, Math.Max(KernelSetting.Read(KernelSetting.LargestSendBuffer), 1));

    /// <summary>The limit by <c>net.unix.max_dgram_qlen</c>, as it was when the receiver created its socket.</summary>
    public static long ByQueueLength(long queueLength) => queueLength + 1;
}
