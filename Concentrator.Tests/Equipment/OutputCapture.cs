using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Reads a program's output on a thread of its own, so that the program never waits for us, and keeps the newest bytes up
/// to a limit. Any thread may ask.
/// </summary>
internal sealed class OutputCapture
{
    private readonly Lock _gate = new();
    private readonly int _limit;
    private readonly Thread _thread;
    private byte[] _kept = new byte[4096];
    private int _length;
    private long _total;

    /// <param name="source">Read to its end; owned by the process it belongs to.</param>
    /// <param name="limit">Bytes kept at most.</param>
    public OutputCapture(Stream source, int limit)
    {
        _limit = limit;
        _thread = new Thread(() => Drain(source)) { IsBackground = true, Name = "peer output" };
        _thread.Start();
    }

    /// <summary>Bytes seen since the start, those no longer kept included.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>A copy of what is kept.</summary>
    public byte[] Bytes()
    {
        lock (_gate) return _kept[.._length];
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>Waits for the end of the stream; false when something still holds it open.</summary>
    public bool WaitForEnd(TimeSpan limit) => _thread.Join(limit);

    private void Drain(Stream source)
    {
        byte[] buffer = new byte[65536];
        try
        {
            for (int read; (read = source.Read(buffer)) > 0;) Keep(buffer.AsSpan(0, read));
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // The process object was disposed while we read: the end, for us.
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        Interlocked.Add(ref _total, bytes.Length);
        if (bytes.Length > _limit) bytes = bytes[^_limit..];
        lock (_gate)
        {
            if (_length + bytes.Length > _limit)
            {
                // Over the limit: at least the older half goes.
                int stays = Math.Min(_length, Math.Min(_limit / 2, _limit - bytes.Length));
                _kept.AsSpan(_length - stays, stays).CopyTo(_kept);
                _length = stays;
            }
            if (_length + bytes.Length > _kept.Length)
                Array.Resize(ref _kept, Math.Max(_kept.Length * 2, _length + bytes.Length));
            bytes.CopyTo(_kept.AsSpan(_length));
            _length += bytes.Length;
        }
    }
}
