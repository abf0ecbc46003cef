using System.Buffers;
using Concentrator.Bytes;
using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays.Https;

/// <summary>
/// The events of one request: one key, texts separated by LF, and the positions of their messages in the session. Its buffer comes from the
/// shared pool and goes back with <see cref="Release"/>. Used by one party at a time.
/// </summary>
/// <param name="key">The key of all its events.</param>
/// <param name="moment">The time of the first event; null when it has none.</param>
/// <param name="time">The same as its frame writes it; null with it.</param>
/// <param name="openedAt">Timestamp of the moment at which the batch was begun.</param>
internal sealed class EventBatch(IntakeKey key, DateTimeOffset? moment, string? time, long openedAt)
{
    private const int FirstBuffer = 64 * 1024;

    private readonly List<(long First, int Count)> _runs = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _length;

    private static ReadOnlySpan<byte> EscapedLf => "#012"u8;

    /// <summary>Stands for an event without text, whose line a receiver might not count (RFC 5424's NILVALUE).</summary>
    private static ReadOnlySpan<byte> NoText => "-"u8;

    public IntakeKey Key { get; } = key;

    public string? Time { get; } = time;

    public long OpenedAt { get; } = openedAt;

    public int Events { get; private set; }

    /// <summary>Bytes of the body.</summary>
    public int Length => _length;

    public ReadOnlyMemory<byte> Body => _buffer.AsMemory(0, _length);

    /// <summary>Adds an event. An LF, which would end it and let its author forge another, is written as <c>#012</c> as rsyslog does.</summary>
    public void Add(ReadOnlySpan<byte> text, long position)
    {
        if (text.IsEmpty) text = NoText;
        int lines = text.Count((byte)'\n');
        Grow(text.Length + lines * (EscapedLf.Length - 1) + 1);
        SpanWriter writer = new(_buffer.AsSpan(_length));
        if (Events > 0) writer.Add((byte)'\n');
        for (; lines > 0; lines--)
        {
            int lf = text.IndexOf((byte)'\n');
            writer.Add(text[..lf]);
            writer.Add(EscapedLf);
            text = text[(lf + 1)..];
        }
        writer.Add(text);
        _length += writer.Length;
        Add(position, 1);
    }

    /// <summary>Whether an event of that time may be sent with the first.</summary>
    public bool IsWithin(TimeSpan span, DateTimeOffset? other) =>
        moment is { } own && other is { } later ? (own - later).Duration() <= span : moment is null && other is null;

    /// <summary>The position of the event with that number, from 0.</summary>
    public long PositionOf(int number)
    {
        foreach ((long first, int count) in _runs)
        {
            if (number < count) return first + number;
            number -= count;
        }
        throw new ArgumentOutOfRangeException(nameof(number));
    }

    /// <summary>Records that all events are answered.</summary>
    public void AnswerAll(AnsweredMessages messages)
    {
        foreach ((long first, int count) in _runs)
        {
            for (int i = 0; i < count; i++) messages.TryAnswer(first + i);
        }
    }

    /// <summary>Moves the second half of at least two events into a batch of its own.</summary>
    public EventBatch SplitOff()
    {
        int kept = Events / 2, end = 0;
        for (int i = 0; i < kept; i++) end += _buffer.AsSpan(end, _length - end).IndexOf((byte)'\n') + 1;
        EventBatch second = new(Key, moment, Time, OpenedAt);
        second.Grow(_length - end);
        _buffer.AsSpan(end, _length - end).CopyTo(second._buffer);
        second._length = _length - end;
        for (int i = kept; i < Events; i++) second.Add(PositionOf(i), 1);
        _length = end - 1;
        Keep(kept);
        return second;
    }

    /// <summary>Returns the buffer; the batch must not be used afterwards.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void Add(long position, int count)
    {
        Events += count;
        if (_runs.Count > 0 && _runs[^1] is var (first, before) && first + before == position) _runs[^1] = (first, before + count);
        else _runs.Add((position, count));
    }

    private void Keep(int events)
    {
        (long First, int Count)[] all = [.. _runs];
        _runs.Clear();
        Events = 0;
        foreach ((long first, int count) in all)
        {
            int taken = Math.Min(count, events - Events);
            if (taken > 0) Add(first, taken);
        }
    }

    private void Grow(int more)
    {
        if (_buffer.Length - _length >= more) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + more));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
