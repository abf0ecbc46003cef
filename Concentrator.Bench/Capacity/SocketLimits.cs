using System.Numerics;
using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Capacity;

/// <summary>
/// How many datagrams of a size may wait in a unix socket before its sender gets EAGAIN. Two limits hold at once, and the
/// smaller decides (docs/reference/haproxy.md, Datagrams).
/// </summary>
internal static class SocketLimits
{
    /// <summary>What the kernel keeps behind the data of each buffer.</summary>
    private const int SharedInfo = 320;

    /// <summary>What it charges for the buffer's own description.</summary>
    private const int BufferHead = 256;

    /// <summary>
    /// By the sender's SO_SNDBUF: each datagram is charged with the memory it takes, which the kernel rounds up to a power of
    /// two. Measured: 278 of 137 bytes, 167 of 337, 93 of 937, 13 of 8037 at the default of 212,992.
    /// </summary>
    /// <param name="sendBuffer">Bytes, as the kernel holds it (twice what was asked for).</param>
    public static long BySendBuffer(long sendBuffer, int size)
    {
        long charged = BitOperations.RoundUpToPowerOf2((uint)(size + SharedInfo)) + BufferHead;
        return (sendBuffer + charged - 1) / charged;
    }

    /// <summary>What the kernel holds when a sender asks for so many bytes: no more than wmem_max, and that twice.</summary>
    public static long Granted(long asked) => 2 * Math.Min(asked, Math.Max(KernelSetting.Read(KernelSetting.LargestSendBuffer), 1));

    /// <summary>By <c>net.unix.max_dgram_qlen</c> as it was when the receiver made its socket.</summary>
    public static long ByQueueLength(long queueLength) => queueLength + 1;
}
