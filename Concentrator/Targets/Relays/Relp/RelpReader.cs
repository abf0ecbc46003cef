namespace Concentrator.Targets.Relays.Relp;

/// <summary>
/// Frames out of what a peer's stream brings. Its buffer holds several of the longest, so what is not a frame yet always finds room.
/// Used by one party at a time: the opening, then the connection's reading task.
/// </summary>
internal sealed class RelpReader
{
    private readonly byte[] _buffer = new byte[4 * RelpFrame.MostLength];
    private int _start;
    private int _end;

    /// <summary>What a broken stream shows in place of a frame, for the log.</summary>
    public string Unread => PeerText.Show(_buffer.AsSpan(_start, _end - _start));

    /// <summary>Where to receive more into, when what is there is at most part of a frame. What was read until now is gone with it.</summary>
    public Memory<byte> Room
    {
        get
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
            return _buffer.AsMemory(_end);
        }
    }

    /// <summary>The next frame of those received, valid until <see cref="Room"/> is asked for.</summary>
    public RelpParse TryRead(out RelpFrame frame)
    {
        RelpParse parse = RelpFrame.TryParse(_buffer.AsMemory(_start, _end - _start), out frame, out int length);
        _start += length;
        return parse;
    }

    /// <summary>Takes note of bytes that were received into <see cref="Room"/>.</summary>
    public void Add(int received) => _end += received;
}
