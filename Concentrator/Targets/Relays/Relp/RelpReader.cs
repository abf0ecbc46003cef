using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays.Relp;

/// <summary>
/// Extracts frames from a peer's stream. The buffer holds several of the longest frames, so an incomplete frame always has room.
/// Used by one party at a time: the opening, then the connection's reading task.
/// </summary>
internal sealed class RelpReader
{
    private readonly byte[] _buffer = new byte[4 * RelpFrame.MostLength];
    private int _start;
    private int _end;

    /// <summary>What a broken stream contains instead of a frame, for the log.</summary>
    public string Unread => PeerText.Show(_buffer.AsSpan(_start, _end - _start));

    /// <summary>Buffer to receive into, when at most part of a frame is left. Invalidates the frames read so far.</summary>
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

    /// <summary>Reads the next received frame, valid until the next use of <see cref="Room"/>.</summary>
    public RelpParse TryRead(out RelpFrame frame)
    {
        RelpParse parse = RelpFrame.TryParse(_buffer.AsMemory(_start, _end - _start), out frame, out int length);
        _start += length;
        return parse;
    }

    /// <summary>Records the number of bytes received into <see cref="Room"/>.</summary>
    public void Add(int received) => _end += received;
}
