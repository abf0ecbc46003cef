using System.Security.Cryptography;
using Concentrator.Queues.Blocks;

namespace Concentrator.Targets.Relays.Https;

/// <summary>
/// Frames that the intake has taken while it had not answered one before them, when the session ended. They are given back to the queue with
/// that one, and the next session settles them without sending them again. As long as the process lives: after a restart they are sent
/// again. Holds a digest each, of at most a window's frames. Used by one session after the other, under its lock.
/// </summary>
internal sealed class AnsweredAhead
{
    /// <summary>Messages that a session may begin before what is left here is known not to come again, as after a drop.</summary>
    private const int Patience = 2 * HttpsConnection.Window;

    // Two frames with the same bytes are the same to everybody: it does not matter which of them is sent.
    private readonly Dictionary<Digest, int> _frames = [];
    private int _begun;

    private readonly record struct Digest(UInt128 High, UInt128 Low);

    /// <summary>Adds a frame, MSG-LEN included.</summary>
    public void Add(ReadOnlySpan<byte> frame)
    {
        Digest digest = Of(frame);
        _frames[digest] = _frames.GetValueOrDefault(digest) + 1;
        _begun = 0;
    }

    /// <summary>Removes the first frame of these bytes if it was taken before.</summary>
    public bool TryRemove(ReadOnlySpan<byte> bytes)
    {
        if (_frames.Count == 0) return false;
        if (++_begun > Patience)
        {
            _frames.Clear();
            return false;
        }
        Digest digest = Of(bytes[..BlockFrames.LengthOf(bytes)]);
        if (!_frames.TryGetValue(digest, out int count)) return false;
        if (count == 1) _frames.Remove(digest);
        else _frames[digest] = count - 1;
        return true;
    }

    /// <summary>Forgets all: they are sent again.</summary>
    public void Clear() => _frames.Clear();

    private static Digest Of(ReadOnlySpan<byte> frame)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(frame, hash);
        return new Digest(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash), System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash[16..]));
    }
}
