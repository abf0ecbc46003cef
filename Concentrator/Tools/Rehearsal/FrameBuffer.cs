namespace Concentrator.Tools.Rehearsal;

/// <summary>
/// The bytes of one stream, from which frames or lines are taken. Frames are those of RFC 5425 4.3, read strictly: no leading zero, nothing
/// between frames. Independent of the server's own scanner, which it checks. Not thread-safe.
/// </summary>
internal sealed class FrameBuffer
{
    private const int FirstSize = 256 * 1024;

    /// <summary>Of an octet count. Longer than anything that the server sends.</summary>
    private const int MostDigits = 7;

    private byte[] _bytes = new byte[FirstSize];
    private int _from;
    private int _to;

    /// <summary>Whether a frame was expected and something else was there: no later byte can be trusted.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Frames taken so far.</summary>
    public long Taken { get; private set; }

    /// <summary>Whether there are bytes that have not been taken, such as the beginning of a frame.</summary>
    public bool IsPartial => _to > _from;

    /// <summary>A buffer that holds these bytes.</summary>
    public static FrameBuffer Of(ReadOnlySpan<byte> bytes)
    {
        FrameBuffer buffer = new();
        buffer.Add(bytes);
        return buffer;
    }

    /// <summary>Adds a copy of the stream's next bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        MakeRoom(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_to));
        _to += bytes.Length;
    }

    /// <summary>Adds what one read of the stream gives. Returns the number of bytes; 0 at the stream's end.</summary>
    /// <param name="most">The most bytes to read.</param>
    public int Fill(Stream stream, int most = int.MaxValue)
    {
        MakeRoom(1);
        int read = stream.Read(_bytes, _to, Math.Min(most, _bytes.Length - _to));
        _to += read;
        return read;
    }

    /// <summary>Takes the next octet-counted frame, without its count. False if it is not complete, or <see cref="IsBroken"/>.</summary>
    /// <param name="frame">Valid until the next bytes are added.</param>
    public bool TryTakeFrame(out ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> rest = _bytes.AsSpan(_from, _to - _from);
        frame = default;
        if (IsBroken) return false;
        int length = 0;
        for (int digits = 0; digits < rest.Length; digits++)
        {
            byte digit = rest[digits];
            if (digit == ' ' && digits > 0)
            {
                if (rest.Length - digits - 1 < length) return false;
                frame = rest.Slice(digits + 1, length);
                _from += digits + 1 + length;
                Taken++;
                return true;
            }
            if (digit is < (byte)'0' or > (byte)'9' || digits == MostDigits || (digits == 0 && digit == '0'))
            {
                IsBroken = true;
                return false;
            }
            length = (length * 10) + (digit - '0');
        }
        return false;
    }

    /// <summary>Declares the stream broken, because of what a frame contains.</summary>
    public void Break() => IsBroken = true;

    /// <summary>Takes the next line, without its LF. False if it is not complete.</summary>
    /// <param name="line">Valid until the next bytes are added.</param>
    public bool TryTakeLine(out ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = _bytes.AsSpan(_from, _to - _from);
        int length = rest.IndexOf((byte)'\n');
        line = length < 0 ? default : rest[..length];
        _from += length + 1;
        return length >= 0;
    }

    private void MakeRoom(int count)
    {
        if (_from > 0)
        {
            _bytes.AsSpan(_from, _to - _from).CopyTo(_bytes);
            _to -= _from;
            _from = 0;
        }
        if (_to + count > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _to + count));
    }
}
