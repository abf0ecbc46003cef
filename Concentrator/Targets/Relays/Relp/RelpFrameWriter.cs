using Concentrator.Bytes;
using Concentrator.Queues.Blocks;

namespace Concentrator.Targets.Relays.Relp;

/// <summary>
/// Turns blocks of octet-counted frames (<c>LEN SP MSG</c>) into RELP's (<c>TXNR SP syslog SP LEN SP MSG LF</c>), in pieces of one
/// buffer, which is large enough for the network to be written to seldom. Allocates nothing once made. One thread.
/// </summary>
internal sealed class RelpFrameWriter(RelpWindow window)
{
    /// <summary>Bytes of a piece: a full block of ordinary messages, each of which grows by some 15 bytes, is one.</summary>
    public const int Capacity = 80 * 1024;

    private const int MostHead = 9 + 8 + BlockFrames.CountDigits + 1;

    private readonly byte[] _buffer = new byte[Capacity];
    private int _rest;
    private bool _isOpen;

    /// <summary>
    /// The next piece, valid until the next call, and empty when the block is all used up; takes what went into it from
    /// <paramref name="block"/>. Messages go on over pieces. What is not octet-counted, which no spool of ours holds, goes out whole
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
