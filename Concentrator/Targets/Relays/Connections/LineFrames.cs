using Concentrator.Bytes;
using Concentrator.Queues.Blocks;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// Turns blocks of octet-counted frames (<c>LEN SP MSG</c>) into lines that end with LF (RFC 6587 3.4.2), in pieces of one buffer. An
/// LF inside a message, which would end it early and let its author begin another, is written <c>#012</c> as rsyslog does. Allocates
/// nothing once made. One thread.
/// </summary>
internal sealed class LineFrames
{
    /// <summary>Bytes of a piece: a full block of messages without LF inside is one.</summary>
    public const int Capacity = 80 * 1024;

    /// <summary>A message's LF is always in the piece that its last byte is in: a peer that has the one has the other.</summary>
    private const int TextCapacity = Capacity - 1;

    private readonly byte[] _buffer = new byte[Capacity];
    private int _rest;
    private bool _isOpen;

    private static ReadOnlySpan<byte> EscapedLf => "#012"u8;

    /// <summary>
    /// The next piece, valid until the next call, and empty when the block is all used up; takes what went into it from
    /// <paramref name="block"/>. Messages go on over pieces. What is not octet-counted, which no spool of ours holds, is one message.
    /// </summary>
    public ReadOnlyMemory<byte> Next(ref ReadOnlyMemory<byte> block)
    {
        SpanWriter piece = new(_buffer);
        ReadOnlySpan<byte> bytes = block.Span;
        while (AddText(ref bytes, ref piece))
        {
            if (_isOpen) piece.Add((byte)'\n');
            _isOpen = false;
            if (bytes.IsEmpty || piece.Length == Capacity) break;
            _rest = BlockFrames.StepOverCount(ref bytes);
            _isOpen = true;
        }
        block = block[^bytes.Length..];
        return _buffer.AsMemory(0, piece.Length);
    }

    /// <summary>What is left of the message that is open. False where the piece has no room for all of it.</summary>
    private bool AddText(ref ReadOnlySpan<byte> bytes, ref SpanWriter piece)
    {
        while (_rest > 0 && TextCapacity - piece.Length >= EscapedLf.Length)
        {
            int part = Math.Min(_rest, TextCapacity - piece.Length);
            int lf = bytes[..part].IndexOf((byte)'\n');
            if (lf >= 0) part = lf;
            piece.Add(bytes[..part]);
            if (lf >= 0 && TextCapacity - piece.Length >= EscapedLf.Length)
            {
                piece.Add(EscapedLf);
                part++;
            }
            bytes = bytes[part..];
            _rest -= part;
        }
        return _rest == 0;
    }
}
