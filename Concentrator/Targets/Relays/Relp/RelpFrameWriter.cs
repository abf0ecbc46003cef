using Concentrator.Bytes;
using Concentrator.Queues.Blocks;

namespace Concentrator.Targets.Relays.Relp;

/// <summary>
/// Converts blocks of octet-counted frames (<c>LEN SP MSG</c>) to RELP frames (<c>TXNR SP syslog SP LEN SP MSG LF</c>), in pieces of one
/// buffer, large enough to keep network writes rare. Allocates nothing after construction. One thread.
/// </summary>
internal sealed class RelpFrameWriter(RelpWindow window)
{
    /// <summary>Size of a piece in bytes: a full block of ordinary messages, each of which grows by some 15 bytes, fits into one.</summary>
    public const int Capacity = 80 * 1024;

    private const int MostHead = 9 + 8 + BlockFrames.CountDigits + 1;

    private readonly byte[] _buffer = new byte[Capacity];
    private int _rest;
    private bool _isOpen;

    /// <summary>
    /// Returns the next piece, valid until the next call; empty when the block is used up. Removes what it used from
    /// <paramref name="block"/>. Messages may span pieces. Bytes that are not octet-counted, which the spool never holds, are sent whole
    /// as one message.
    /// </summary>
    public ReadOnlyMemory<byte> Next(ref ReadOnlyMemory<byte> block)
    {
        SpanWriter piece = new(_buffer);
        ReadOnlySpan<byte> bytes = block.Span;
        while (true)
        {
            if (_rest > 0)
            {
                int part = Math.Min(_rest, Capacity - piece.Length);
                piece.Add(bytes[..part]);
                bytes = bytes[part..];
                _rest -= part;
            }
            if (_isOpen)
            {
                if (piece.Length == Capacity) break;
                piece.Add((byte)'\n');
                _isOpen = false;
            }
            if (bytes.IsEmpty || Capacity - piece.Length < MostHead) break;
            BeginMessage(ref bytes, ref piece);
        }
        block = block[^bytes.Length..];
        return _buffer.AsMemory(0, piece.Length);
    }

    private void BeginMessage(ref ReadOnlySpan<byte> bytes, ref SpanWriter piece)
    {
        _rest = BlockFrames.StepOverCount(ref bytes);
        _isOpen = true;
        piece.AddDecimal(window.Open());
        piece.Add(" syslog "u8);
        piece.AddDecimal(_rest);
        if (_rest > 0) piece.Add((byte)' ');
    }
}
