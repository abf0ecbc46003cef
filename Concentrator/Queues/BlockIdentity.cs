using System.Globalization;
using Concentrator.Bytes;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Files;

namespace Concentrator.Queues;

/// <summary>
/// Names for messages of one queue that stay the same however often they are sent: a peer that knows a name has the messages. Used by the
/// queue's consumer.
/// <code>
/// LOG-SEQUENCE-COUNT-CHECKSUM, all but LOG in hexadecimal
/// </code>
/// LOG identifies the queue's directory on disk, from its first use to its removal; SEQUENCE is the log's number of the first message, which
/// survives restarts and kill -9. Messages that are not on disk (<c>Durability: memory</c>, a failing disk) are counted from when they are
/// sent first, below an identity of this process: after a kill they have another name. The checksum (CRC-32C of the bytes) tells apart what has
/// the same sequence: after a power failure the log may have lost its end, and gives those sequences to other messages.
/// </summary>
internal sealed class BlockIdentity(string log)
{
    private readonly string _process = SpoolIdentityFile.NewIdentity();
    private long _sent;

    /// <summary>The identity of a log.</summary>
    public string Log { get; } = log;

    /// <summary>The name of consecutive messages of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="first">Number of messages of the block before them.</param>
    /// <param name="count">Number of messages.</param>
    /// <param name="bytes">Their bytes.</param>
    public string NameOf(Block block, int first, int count, ReadOnlySpan<byte> bytes)
    {
        if (block is { FirstSequence: 0, FirstSent: 0 })
        {
            block.FirstSent = _sent + 1;
            _sent += block.Messages;
        }
        (string whose, long sequence) = block.FirstSequence > 0 ? (Log, block.FirstSequence) : (_process, block.FirstSent);
        return string.Create(CultureInfo.InvariantCulture, $"{whose}-{sequence + first:x}-{count:x}-{Crc32C.Of(bytes):x8}");
    }
}
