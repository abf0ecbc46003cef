using System.Buffers;

namespace Concentrator.Messages.FrameScanning;

// How a sender ends its messages, where it is not configured
//
// Senders end messages with LF (most), with NUL (glibc's syslog(3), CPython's SysLogHandler, busybox) or with LF NUL (Perl's
// Sys::Syslog). Senders of the second and third kind also have LF inside messages (a traceback), those of the first may have NUL. A
// mark followed directly by a PRI has certainly ended a message of this sender, so the last such mark determines its kind:
//
//   kind     LF ends a message                              NUL ends a message
//   Lf       always                                         where a PRI follows
//   Nul      where a PRI follows                            always
//   Unknown  where a PRI follows; otherwise see below       in a message that begins with a PRI always, else where a PRI follows
//   Either   always                                         always      (configured: lf-or-nul)
//
// While the kind is unknown, a message that begins with a PRI and continues after a LF may be one message of a NUL sender or several
// lines of a LF sender. It is held until a NUL ends it (one message), until a PRI follows a LF (lines), until the sender pauses (lines:
// a LF sender's last message must not wait for the next one) or until it is longer than the maximum (lines). A message without a PRI
// is not held: its LF ends it.
//
// So a wrong guess never joins two messages: a mark followed by a PRI ends a message whatever was guessed. To forge an event, a client
// of the sender needs one of the two marks and a PRI in the text; with LF framing it needs only the LF.
//
// A message longer than the maximum is cut there, and what follows is another frame, FrameParts.Continued, since it may contain
// messages of a sender that ends them with nothing.

/// <summary>Finds the ends of messages marked by LF, NUL or both. A mutable struct, part of a <see cref="FrameScanner"/>.</summary>
internal struct InferredEnds
{
    private readonly int _maxMessageSize;
    private Kind _kind;
    private Kind _previousEnd;  // the mark that ended the previous message
    private bool _isContinued;
    private bool _isPause;
    private long _scanned;      // bytes at the start of the buffer that need not be scanned again
    private long _held;         // the first LF of a held message; negative: none

    /// <param name="bothEnd">Whether each LF and each NUL ends a message, whatever follows.</param>
    /// <param name="maxMessageSize">The longest frame, in bytes.</param>
    public InferredEnds(bool bothEnd, int maxMessageSize)
    {
        _maxMessageSize = maxMessageSize;
        _kind = bothEnd ? Kind.Either : Kind.Unknown;
        _held = -1;
    }

    private enum Kind : byte
    {
        Unknown,
        Lf,
        Nul,
        Either,
    }

    private enum Judgement : byte
    {
        /// <summary>The message ends here, including what is held of it.</summary>
        Ends,

        /// <summary>What is held is lines, and the first of them ends.</summary>
        EndsLines,
        IsText,
        IsHeld,

        /// <summary>More bytes are needed to decide.</summary>
        IsOpen,
    }

    /// <summary>Whether a message is held that is delivered if the sender pauses.</summary>
    public readonly bool IsHolding => _held >= 0;

    /// <summary>Whether no LF and no NUL has arrived yet.</summary>
    public bool HasNoSeparator { get; private set; } = true;

    /// <summary>Reports that the sender has paused: what is held is lines.</summary>
    public void Pause() => _isPause = true;

    /// <summary>Takes the next frame, which may be empty, from the start of the buffer; false if more bytes are needed.</summary>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        long last = _maxMessageSize + 2L; // room for a LF after a message of the maximum and its CR, and a NUL after both
        if (_isPause && _held >= 0) return TakeUpTo(ref buffer, _held, isNul: false, out frame, out parts);
        for (long place = _scanned; TryFindMark(buffer, ref place, out bool isNul) && place <= last; place++)
        {
            HasNoSeparator = false;
            Judgement judgement = Judge(buffer, place, isNul);
            if (judgement == Judgement.Ends) return TakeUpTo(ref buffer, place, isNul, out frame, out parts);
            if (judgement == Judgement.EndsLines) return TakeUpTo(ref buffer, _held < 0 ? place : _held, isNul: false, out frame, out parts);
            if (judgement == Judgement.IsText) continue;
            if (_kind == Kind.Unknown && !isNul && _held < 0) _held = place;
            if (judgement == Judgement.IsOpen) return NeedMore(scanned: place, out frame, out parts);
        }
        if (buffer.Length <= last) return NeedMore(scanned: buffer.Length, out frame, out parts);
        return _held >= 0 ? TakeUpTo(ref buffer, _held, isNul: false, out frame, out parts) : TakePiece(ref buffer, out frame, out parts);
    }

    /// <summary>
    /// Finishes a connection that has ended, after <see cref="Pause"/> and a <see cref="TryRead"/> that found nothing more: takes the rest,
    /// up to the maximum of a message. The frame may be empty.
    /// </summary>
    public void Finish(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        long length = rest.Length;
        if (EndsWith(rest, length, '\0')) length--;
        if (EndsWith(rest, length, '\n')) length--;
        if (EndsWith(rest, length, '\r')) length--;
        if (length > _maxMessageSize)
        {
            TakePiece(ref rest, out frame, out parts);
            return;
        }
        Take(ref rest, length, rest.Length, out frame, out parts);
    }

    private Judgement Judge(in ReadOnlySequence<byte> buffer, long place, bool isNul)
    {
        Kind own = isNul ? Kind.Nul : Kind.Lf;
        if (_kind == Kind.Either || (_kind == own && _previousEnd == own)) return Judgement.Ends;
        bool begins = Learn(buffer);
        if (_kind == own || (_kind == Kind.Unknown && (isNul ? begins || _isContinued : !begins))) return Judgement.Ends;
        PriMark next = PriMarks.At(buffer, place + 1);
        if (_kind != Kind.Unknown || isNul)
            return next switch { PriMark.Yes => Judgement.Ends, PriMark.No => Judgement.IsText, _ => Judgement.IsOpen };
        if (next == PriMark.Yes) _kind = Kind.Lf;
        if (next == PriMark.Yes || _isPause) return Judgement.EndsLines;
        return next == PriMark.No ? Judgement.IsHeld : Judgement.IsOpen;
    }

    // Whether a message begins at the start of the buffer; if so, the mark before it has ended one.
    private bool Learn(in ReadOnlySequence<byte> buffer)
    {
        bool begins = !_isContinued && PriMarks.At(buffer, 0) == PriMark.Yes;
        if (begins && _previousEnd != Kind.Unknown && _kind != Kind.Either) _kind = _previousEnd;
        return begins;
    }

    // Takes the message up to a mark, without the rest of its ending: the CR before a LF, the LF and CR LF before a NUL.
    private bool TakeUpTo(
        ref ReadOnlySequence<byte> buffer, long place, bool isNul, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        long length = place;
        bool endsLine = !isNul;
        if (isNul && EndsWith(buffer, length, '\n'))
        {
            length--;
            endsLine = true;
        }
        if (endsLine && EndsWith(buffer, length, '\r')) length--;
        if (length > _maxMessageSize) return TakePiece(ref buffer, out frame, out parts);
        Take(ref buffer, length, place + 1, out frame, out parts);
        _previousEnd = isNul ? Kind.Nul : Kind.Lf;
        return true;
    }

    private void Take(
        ref ReadOnlySequence<byte> buffer, long length, long taken, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        frame = buffer.Slice(0, length);
        parts = _isContinued ? FrameParts.Continued : FrameParts.Whole;
        buffer = buffer.Slice(taken);
        _isContinued = false;
        _scanned = 0;
        _held = -1;
    }

    private bool TakePiece(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        Learn(buffer);
        Take(ref buffer, _maxMessageSize, _maxMessageSize, out frame, out parts);
        parts |= FrameParts.Cut;
        _isContinued = true;
        return true;
    }

    private bool NeedMore(long scanned, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        _scanned = scanned;
        _isPause = false;
        frame = default;
        parts = FrameParts.Whole;
        return false;
    }

    // Finds the next LF or NUL from a position on.
    private static bool TryFindMark(in ReadOnlySequence<byte> buffer, ref long place, out bool isNul)
    {
        // The usual case: it is in the first segment.
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (place < first.Length)
        {
            int index = first[(int)place..].IndexOfAny((byte)'\n', (byte)0);
            if (index >= 0)
            {
                place += index;
                isNul = first[(int)place] == 0;
                return true;
            }
        }
        isNul = false;
        if (buffer.IsSingleSegment) return false;
        place = Math.Max(place, first.Length);
        foreach (ReadOnlyMemory<byte> segment in buffer.Slice(Math.Min(place, buffer.Length)))
        {
            int index = segment.Span.IndexOfAny((byte)'\n', (byte)0);
            if (index >= 0)
            {
                place += index;
                isNul = segment.Span[index] == 0;
                return true;
            }
            place += segment.Length;
        }
        return false;
    }

    /// <summary>Whether the first <paramref name="length"/> bytes of the buffer end with that mark.</summary>
    public static bool EndsWith(in ReadOnlySequence<byte> buffer, long length, char mark)
    {
        if (length == 0) return false;
        if (length <= buffer.FirstSpan.Length) return buffer.FirstSpan[(int)length - 1] == mark;
        SequenceReader<byte> reader = new(buffer.Slice(length - 1));
        return reader.TryPeek(out byte last) && last == mark;
    }
}
