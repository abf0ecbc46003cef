using Concentrator.Bytes;
using Concentrator.Queues.Blocks;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>
/// Converts blocks of octet-counted frames (<c>LEN SP MSG</c>) to lines that end with LF (RFC 6587 3.4.2), in pieces of one buffer. An
/// LF inside a message, which would end it early and let its author forge another, is written as <c>#012</c> as rsyslog does.
/// Allocates nothing after construction. One thread.
/// </summary>
internal sealed class LineFrames
{
    /// <summary>Size of a piece in bytes: a full block of messages without embedded LF fits into one.</summary>
    public const int Capacity = 80 * 1024;

    /// <summary>A message's LF is always in the same piece as its last byte, so a peer that has one has the other.</summary>
    private const int TextCapacity = Capacity - 1;

    private readonly byte[] _buffer = new byte[Capacity];
    private int _rest;
    private bool _isOpen;

    private static ReadOnlySpan<byte> EscapedLf => "#012"u8;

    /// <summary>
    /// Returns the next piece, valid until the next call; empty when the block is used up. Removes what it used from
    /// <paramref name="block"/>. Messages may span pieces. Bytes that are not octet-counted, which the spool never holds, are one message.
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

    /// <summary>Adds the rest of the current message. False when the piece has no room for all of it.</summary>
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
