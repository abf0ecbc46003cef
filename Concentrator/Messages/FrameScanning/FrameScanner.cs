using System.Buffers;

namespace Concentrator.Messages.FrameScanning;

// Octet counting is detected once per connection. Deciding per frame would let a client of the sender forge events: a line may
// begin with digits and a blank, and a counted message may contain anything. Digits alone decide nothing: the raw lines of a HAProxy
// ring begin with an address, others with a time.
//
// The caller holds at most the maximum + 9 bytes (eight digits and a blank; CR LF NUL and a PRI) before something is taken from the
// buffer. No byte is scanned twice for a delimiter, except those of an unfinished length and of lines that were held.

/// <summary>
/// Finds the frames in one connection's bytes (RFC 6587 section 3.4, RFC 5425 section 4.3), by <see cref="OctetCountedFrames"/>,
/// <see cref="DelimitedFrames"/> or <see cref="InferredEnds"/>. A mutable struct, one per connection, for one thread at a time; it must not
/// be copied while in use.
/// </summary>
internal struct FrameScanner
{
    private Kind _kind;
    private OctetCountedFrames _counted;
    private DelimitedFrames _delimited;
    private InferredEnds _inferred;

    /// <param name="framing">Auto: the connection's first bytes decide.</param>
    /// <param name="maxMessageSize">Bytes; longer frames are cut to this. At least 1.</param>
    public FrameScanner(Framing framing, int maxMessageSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessageSize, 1);
        _kind = framing switch
        {
            Framing.OctetCounted => Kind.Counted,
            Framing.Lf or Framing.Nul => Kind.Delimited,
            Framing.LfOrNul => Kind.Inferred,
            _ => Kind.Undecided,
        };
        _counted = new OctetCountedFrames(maxMessageSize);
        _delimited = new DelimitedFrames(framing == Framing.Nul ? (byte)0 : (byte)'\n', maxMessageSize);
        _inferred = new InferredEnds(bothEnd: framing == Framing.LfOrNul, maxMessageSize);
    }

    private enum Kind : byte
    {
        /// <summary>The first bytes have not come yet: they make it <see cref="Counted"/> or <see cref="Inferred"/>.</summary>
        Undecided,
        Counted,
        Delimited,
        Inferred,
    }

    /// <summary>Whether a message is held that later bytes may continue; see <see cref="Pause"/>.</summary>
    public readonly bool IsHolding => _kind == Kind.Inferred && _inferred.IsHolding;

    /// <summary>Whether bytes have arrived, but neither a count nor a LF or NUL.</summary>
    public readonly bool HasNoSeparator => _kind == Kind.Inferred && _inferred.HasNoSeparator;

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
        if (_kind == Kind.Undecided && OctetCountedFrames.BeginIn(buffer) is { } isCounted) _kind = isCounted ? Kind.Counted : Kind.Inferred;
        if (_kind == Kind.Counted) return _counted.TryRead(ref buffer, out frame, out parts);
        if (_kind == Kind.Delimited) return _delimited.TryRead(ref buffer, out frame, out parts);
        frame = default;
        parts = FrameParts.Whole;
        if (_kind == Kind.Undecided) return FrameStatus.NeedMore;
        while (!buffer.IsEmpty)
        {
            if (!_inferred.TryRead(ref buffer, out frame, out parts)) return FrameStatus.NeedMore;
            if (!frame.IsEmpty) return FrameStatus.Frame;
        }
        return FrameStatus.NeedMore;
    }

    /// <summary>
    /// Finishes a connection that has ended: takes what arrived of the unfinished frame from <paramref name="rest"/>, the buffer as the
    /// last <see cref="FrameStatus.NeedMore"/> left it. Call it until it returns false. A last line without its delimiter counts as whole;
    /// an incomplete counted frame is marked as cut.
    /// </summary>
    public bool TryFinish(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> frame, out FrameParts parts)
    {
        if (_kind is Kind.Counted or Kind.Delimited)
        {
            frame = _kind == Kind.Counted ? _counted.Finish(rest, out parts) : _delimited.Finish(rest, out parts);
            rest = rest.Slice(rest.End);
            return !frame.IsEmpty;
        }
        frame = default;
        parts = FrameParts.Whole;
        while (frame.IsEmpty && !rest.IsEmpty)
        {
            _inferred.Pause();
            if (!_inferred.TryRead(ref rest, out frame, out parts)) _inferred.Finish(ref rest, out frame, out parts);
        }
        return !frame.IsEmpty;
    }
}
