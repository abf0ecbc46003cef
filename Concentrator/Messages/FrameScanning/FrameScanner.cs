using System.Buffers;
using System.Diagnostics;
using Concentrator.Bytes;

namespace Concentrator.Messages.FrameScanning;

// The state machine
//
//   Undecided --"digits SP"-----------> Length           (Auto only; configured framings start in their own state)
//             --anything else---------> Inferred
//
//   Inferred  permanent: see InferredEnds                (Auto, LfOrNul)
//
//   Line      --delimiter found-------> Line             a frame, if there is anything before the delimiter
//             --line over the maximum-> LineRest         a cut frame
//   LineRest  --delimiter found-------> Line             everything before it is skipped as it arrives
//
//   Length    --"digits SP"-----------> Body             _header and _length are set
//             --anything else---------> Violated
//   Body      --all of it received----> Length           a frame
//             --maximum received------> BodyRest         a cut frame; _skip = the rest of it
//   BodyRest  --_skip bytes passed----> Length           they are skipped as they arrive
//
//   Violated  permanent
//
// Octet counting is detected once per connection. Deciding per frame would let a client of the sender forge events: a line may
// begin with digits and a blank, and a counted message may contain anything. Digits alone decide nothing: the raw lines of a HAProxy
// ring begin with an address, others with a time.
//
// Lines: one CR before the LF is part of the sender's line ending and is removed. Empty lines are skipped.
//
// Octet counting, invalid lengths: where a length is expected, anything but one to eight digits and a blank is a violation, and the
// caller cuts the connection. RFC 6587 has nothing to resynchronise by, and a guess would read event headers out of message text. A
// length that only exceeds our maximum is trusted: the frame is cut at the maximum and its rest skipped. Frames of length 0 are
// skipped (HAProxy sends them), and so are LF, CR and NUL where a length is expected: some senders both count and terminate. A client
// gains nothing from that, since it cannot write outside the counted bytes.
//
// The caller holds at most the maximum + 9 bytes (eight digits and a blank; CR LF NUL and a PRI) before something is taken from the
// buffer. No byte is scanned twice for a delimiter, except those of an unfinished length and of lines that were held.

/// <summary>
/// Finds the frames in one connection's bytes (RFC 6587 section 3.4, RFC 5425 section 4.3). A mutable struct, one per
/// connection, for one thread at a time; it must not be copied while in use.
/// </summary>
internal struct FrameScanner
{
    private const int MaxDigits = 8;

    private readonly int _maxMessageSize;
    private readonly byte _delimiter;

    private State _state;
    private InferredEnds _inferred;
    private int _header;   // Body: bytes of "digits SP" at the start of the buffer
    private int _length;   // Body: bytes of the frame after them
    private long _skip;    // BodyRest: bytes still to skip
    private long _scanned; // Line: bytes at the start of the buffer without a delimiter

    /// <param name="framing">Auto: the connection's first bytes decide.</param>
    /// <param name="maxMessageSize">Bytes; longer frames are cut to this. At least 1.</param>
    public FrameScanner(Framing framing, int maxMessageSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessageSize, 1);
        _maxMessageSize = maxMessageSize;
        _delimiter = framing == Framing.Nul ? (byte)0 : (byte)'\n';
        _state = framing switch
        {
            Framing.OctetCounted => State.Length,
            Framing.Lf or Framing.Nul => State.Line,
            Framing.LfOrNul => State.Inferred,
            _ => State.Undecided,
        };
        _inferred = new InferredEnds(bothEnd: framing == Framing.LfOrNul, maxMessageSize);
    }

    private enum State : byte
    {
        Undecided,
        Inferred,
        Line,
        LineRest,
        Length,
        Body,
        BodyRest,
        Violated,
    }

    /// <summary>Whether a message is held that later bytes may continue; see <see cref="Pause"/>.</summary>
    public readonly bool IsHolding => _state == State.Inferred && _inferred.IsHolding;

    /// <summary>Whether bytes have arrived, but neither a count nor a LF or NUL.</summary>
    public readonly bool HasNoSeparator => _state == State.Inferred && _inferred.HasNoSeparator;

    /// <summary>
    /// Reports that the sender has paused: the next <see cref="TryRead"/> takes what is held as a message. Call it while
    /// <see cref="IsHolding"/>, with the buffer as the last <see cref="FrameStatus.NeedMore"/> left it.
    /// </summary>
    public void Pause() => _inferred.Pause();

    /// <summary>
    /// Takes the next frame from the start of <paramref name="buffer"/>. The buffer must be what the last call left, with new bytes only at
    /// its end. After <see cref="FrameStatus.NeedMore"/>, everything left in it belongs to an unfinished frame.
    /// </summary>
    /// <param name="buffer">On return, without what was taken or skipped.</param>
    /// <param name="frame">On <see cref="FrameStatus.Frame"/>: not empty, a view of the buffer, without its framing.</param>
    /// <param name="parts">Whether it is a whole message.</param>
    public FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        frame = default;
        parts = FrameParts.Whole;
        while (!buffer.IsEmpty)
        {
            switch (_state)
            {
                case State.Undecided:
                    if (Decide(buffer) is not { } decided)
                        return FrameStatus.NeedMore;
                    _state = decided;
                    break;
                case State.Inferred:
                    if (!_inferred.TryRead(ref buffer, out frame, out parts))
                        return FrameStatus.NeedMore;
                    if (!frame.IsEmpty)
                        return FrameStatus.Frame;
                    break;
                case State.Line:
                    if (!TryReadLine(ref buffer, out frame, out parts))
                        return FrameStatus.NeedMore;
                    if (!frame.IsEmpty)
                        return FrameStatus.Frame;
                    break;
                case State.LineRest:
                    SkipLine(ref buffer);
                    break;
                case State.Length:
                    if (!TryReadLength(ref buffer))
                        return _state == State.Violated ? FrameStatus.Violation : FrameStatus.NeedMore;
                    break;
                case State.Body:
                    return TryReadBody(ref buffer, out frame, out parts) ? FrameStatus.Frame : FrameStatus.NeedMore;
                case State.BodyRest:
                    SkipBody(ref buffer);
                    break;
                default:
                    return FrameStatus.Violation;
            }
        }
        return _state == State.Violated ? FrameStatus.Violation : FrameStatus.NeedMore;
    }

    /// <summary>
    /// Finishes a connection that has ended: takes what arrived of the unfinished frame from <paramref name="rest"/>, the buffer as the
    /// last <see cref="FrameStatus.NeedMore"/> left it. Call it until it returns false. A last line without its delimiter counts as whole;
    /// an incomplete counted frame is marked as cut.
    /// </summary>
    public bool TryFinish(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        frame = default;
        parts = FrameParts.Whole;
        if (_state is State.Inferred or State.Undecided)
            return TryFinishInferred(ref rest, out frame, out parts);
        ReadOnlySequence<byte> last = rest;
        rest = rest.Slice(rest.End);
        switch (_state)
        {
            case State.Line:
                frame = CutLine(last, last.Length, out parts);
                break;
            case State.Body when last.Length > _header:
                frame = last.Slice(_header);
                parts = FrameParts.Cut;
                break;
        }
        return !frame.IsEmpty;
    }

    /// <summary>Whether the connection starts with an octet count; null while more bytes are needed to tell.</summary>
    private static State? Decide(in ReadOnlySequence<byte> buffer)
    {
        int digits = 0;
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            foreach (byte value in segment.Span)
            {
                if (digits is > 0 and <= MaxDigits && value == ' ')
                    return State.Length;
                if (!Digits.IsDigit(value) || digits++ == MaxDigits)
                    return State.Inferred;
            }
        }
        return null;
    }

    private bool TryFinishInferred(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        frame = default;
        parts = FrameParts.Whole;
        while (frame.IsEmpty && !rest.IsEmpty)
        {
            _inferred.Pause();
            if (!_inferred.TryRead(ref rest, out frame, out parts))
                _inferred.Finish(ref rest, out frame, out parts);
        }
        return !frame.IsEmpty;
    }

    private bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        long end = IndexOfDelimiter(buffer);
        if (end >= 0)
        {
            frame = CutLine(buffer, end, out parts);
            buffer = buffer.Slice(end + 1);
            _scanned = 0;
            return true;
        }
        // One byte over the maximum may be the CR of a line ending whose LF has not arrived yet.
        long most = _delimiter == '\n' ? _maxMessageSize + 1L : _maxMessageSize;
        if (buffer.Length > most)
        {
            frame = buffer.Slice(0, _maxMessageSize);
            parts = FrameParts.Cut;
            buffer = buffer.Slice(_maxMessageSize);
            _scanned = 0;
            _state = State.LineRest;
            return true;
        }
        _scanned = buffer.Length;
        frame = default;
        parts = FrameParts.Whole;
        return false;
    }

    // The line that ends at this position, at its delimiter or the end of the stream.
    private readonly ReadOnlySequence<byte> CutLine(in ReadOnlySequence<byte> buffer, long end, out FrameParts parts)
    {
        if (end > 0 && _delimiter == '\n' && FirstByte(buffer.Slice(end - 1)) == '\r')
            end--;
        parts = end > _maxMessageSize ? FrameParts.Cut : FrameParts.Whole;
        return buffer.Slice(0, Math.Min(end, _maxMessageSize));
    }

    private void SkipLine(ref ReadOnlySequence<byte> buffer)
    {
        long end = IndexOfDelimiter(buffer);
        if (end >= 0)
            _state = State.Line;
        buffer = end < 0 ? buffer.Slice(buffer.End) : buffer.Slice(end + 1);
    }

    private readonly long IndexOfDelimiter(in ReadOnlySequence<byte> buffer)
    {
        // The usual case: the line ends in the first segment.
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (_scanned < first.Length)
        {
            int index = first[(int)_scanned..].IndexOf(_delimiter);
            if (index >= 0)
                return _scanned + index;
        }
        if (buffer.IsSingleSegment)
            return -1;
        long position = Math.Max(_scanned, first.Length);
        foreach (ReadOnlyMemory<byte> segment in buffer.Slice(position))
        {
            int index = segment.Span.IndexOf(_delimiter);
            if (index >= 0)
                return position + index;
            position += segment.Length;
        }
        return -1;
    }

    // True if something was taken or the length is known; false if more bytes are needed or the framing is violated.
    private bool TryReadLength(ref ReadOnlySequence<byte> buffer)
    {
        Span<byte> copy = stackalloc byte[MaxDigits + 1];
        scoped ReadOnlySpan<byte> text = buffer.FirstSpan;
        if (text.Length <= MaxDigits)
        {
            int count = (int)Math.Min(buffer.Length, copy.Length);
            buffer.Slice(0, count).CopyTo(copy);
            text = copy[..count];
        }
        if (text[0] is (byte)'\n' or (byte)'\r' or 0)
        {
            int run = text.IndexOfAnyExcept("\n\r\0"u8);
            buffer = buffer.Slice(run < 0 ? text.Length : run);
            return true;
        }
        int length = 0;
        int digits = 0;
        while (digits < text.Length && digits <= MaxDigits && Digits.IsDigit(text[digits]))
            length = length * 10 + (text[digits++] - '0');
        if (digits is < 1 or > MaxDigits || (digits < text.Length && text[digits] != ' '))
        {
            _state = State.Violated;
            return false;
        }
        if (digits == text.Length)
            return false;
        if (length == 0)
        {
            buffer = buffer.Slice(digits + 1);
            return true;
        }
        _header = digits + 1;
        _length = length;
        _state = State.Body;
        return true;
    }

    private bool TryReadBody(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        int wanted = Math.Min(_length, _maxMessageSize);
        parts = wanted < _length ? FrameParts.Cut : FrameParts.Whole;
        if (buffer.Length < _header + (long)wanted)
        {
            frame = default;
            parts = FrameParts.Whole;
            return false;
        }
        frame = buffer.Slice(_header, wanted);
        buffer = buffer.Slice(frame.End);
        _skip = _length - wanted;
        _state = wanted < _length ? State.BodyRest : State.Length;
        return true;
    }

    private void SkipBody(ref ReadOnlySequence<byte> buffer)
    {
        Debug.Assert(_skip > 0);
        long count = Math.Min(_skip, buffer.Length);
        buffer = buffer.Slice(count);
        _skip -= count;
        if (_skip == 0)
            _state = State.Length;
    }

    private static byte FirstByte(in ReadOnlySequence<byte> buffer)
    {
        if (!buffer.FirstSpan.IsEmpty)
            return buffer.FirstSpan[0];
        // A sequence may begin with empty segments.
        SequenceReader<byte> reader = new(buffer);
        reader.TryPeek(out byte value);
        return value;
    }
}
