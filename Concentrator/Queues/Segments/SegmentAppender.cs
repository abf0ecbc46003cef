using Concentrator.Bytes;
using Concentrator.Native;
using Concentrator.Queues.DiskFormat;

namespace Concentrator.Queues.Segments;

/// <summary>
/// The appending half of a <see cref="SegmentLog"/>: writes blocks to the last segment, and begins the next one. One thread appends; a
/// lock of its own, held for the whole of an append, makes a caller on a wrong thread wait instead of doing damage.
/// </summary>
internal sealed class SegmentAppender(SegmentList list, SegmentFiles files, SegmentFlusher flusher, SegmentLogRecovery recovered)
{
    /// <summary>Consecutive failed appends to a segment before another one is begun: perhaps only that place is bad.</summary>
    private const int Patience = 3;

    /// <summary>Longest block written in one piece; each log holds a buffer of this size.</summary>
    private const int StagingSize = 256 * 1024;

    private readonly Lock _appending = new();
    private readonly byte[] _staging = GC.AllocateUninitializedArray<byte>(StagingSize, pinned: true);
    private int _failures = recovered.LastIsSealed ? Patience : 0;
    private long _lastNumber = recovered.LastNumber;
    private bool _isClosed;

    /// <inheritdoc cref="SegmentLog.LacksSegment"/>
    public bool LacksSegment { get; private set; }

    /// <inheritdoc cref="SegmentLog.Append"/>
    public long Append(ReadOnlySpan<byte> payload, int messages)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(messages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(messages, payload.Length);
        lock (_appending)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            BlockHeader header = new(payload.Length, messages, list.Next, 0, Crc32C.Of(payload));
            Segment segment = list.Active is { } active && list.End + header.TotalLength <= active.Size && _failures < Patience
                ? active
                : Begin(header.TotalLength);
            try
            {
                SegmentFiles.Write(files.Use(segment), segment.Size, list.End, _staging, payload, header with { Tag = segment.Tag });
            }
            catch (IOException)
            {
                _failures++;
                throw;
            }
            _failures = 0;
            list.Append(header);
            return header.FirstSequence;
        }
    }

    /// <summary>The next block begins a segment. Any thread.</summary>
    public void LeaveSegment()
    {
        lock (_appending) _failures = Patience;
    }

    /// <summary>Waits for an append that has begun; later ones throw.</summary>
    public void Close()
    {
        lock (_appending) _isClosed = true;
    }

    private Segment Begin(long total)
    {
        LacksSegment = true;
        Segment begun;
        try
        {
            begun = files.Begin(_lastNumber + 1, list.Next, total);
        }
        finally
        {
            // Even if it failed: files created and removed again must not reappear after a loss of power.
            flusher.NoteNames();
        }
        LacksSegment = false;
        CrashPoint.Reach("segment begun");
        _lastNumber++;
        _failures = 0;
        Segment? idle = list.Begin(begun, out Segment? removed);
        if (removed is not null) files.GiveUp(removed, mayBeSpare: false);
        if (idle is not null) files.Close(idle);
        return begun;
    }
}
