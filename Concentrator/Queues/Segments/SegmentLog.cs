using Concentrator.Bytes;
using Concentrator.Native;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>
/// An append-only log of blocks in segment files: the part of an output's spool that survives the process.
/// <para>Invariants:</para>
/// <list type="number">
/// <item>Every message has a sequence, one more than the one before it, that is never given to another message, even after
/// a restart. Only a loss of power may bring back sequences: of messages that were not flushed, or that were delivered.</item>
/// <item>Blocks are in the order of their sequences, within a segment and from segment to segment. The last segment of the
/// list is the one being filled, and it is never removed.</item>
/// <item>A block belongs to a segment only if it carries the segment's tag (<see cref="BlockHeader"/>), so neither earlier contents
/// of the file nor the contents of a message are ever taken for a block.</item>
/// <item>A block is delivered only if its checksum matches. Every sequence between the first held and the next is either in a
/// readable block, or counted as lost when reading reaches it.</item>
/// <item>No file contents make the log throw, except a newer format version when it is opened.</item>
/// </list>
/// <para>
/// Files: <see cref="SegmentName"/>, <see cref="SegmentHeader"/>, <see cref="BlockHeader"/>, <see cref="Checkpoint"/>;
/// recovery: <see cref="SegmentLogRecovery"/>. Losing the checkpoint causes duplicates; losing a segment loses its messages, counted.
/// </para>
/// Threads: one appends, one reads and releases, and any may sync, save the checkpoint, drop, or read the numbers, all at the
/// same time. No lock that another of these needs is held during disk I/O. Append and TryRead allocate nothing.
/// </summary>
internal sealed partial class SegmentLog : IDisposable
{
    /// <summary>Consecutive failed appends to a segment before another one is begun: perhaps only that place is bad.</summary>
    private const int PatienceWithSegment = 3;

    /// <summary>Longest block written in one piece; each log holds a buffer of this size.</summary>
    private const int StagingSize = 256 * 1024;

    private readonly ISpoolDirectory _directory;
    private readonly SegmentFiles _files;
    private readonly long _segmentSize;

    // Each is held for the whole of its operation, so that a caller on a wrong thread waits instead of doing damage. Never nested.
    private readonly Lock _appending = new();
    private readonly Lock _reading = new();
    private readonly Lock _syncing = new();
    private readonly Lock _saving = new();
    private readonly Lock _removing = new();

    // Guarded by _appending.
    private readonly byte[] _staging = GC.AllocateUninitializedArray<byte>(StagingSize, pinned: true);
    private int _failures;
    private long _lastNumber;

    // Guarded by _reading.
    private readonly BlockFinder _finder = new();

    // Guarded by _saving.
    private ISpoolFile? _checkpointFile;
    private bool _checkpointExists;
    private Checkpoint _saved;

    // The state: guarded by _gate, which is never held during disk I/O. Only the appending thread changes the last
    // segment of the list, _active, _next and _end, and it may read these without the gate.
    private readonly Lock _gate = new();
    private readonly List<Segment> _segments;
    private Segment? _active;
    private readonly LostRanges _lost;
    private Segment? _readSegment;
    private long _next;
    private long _released;
    private long _end;
    private long _segmentBytes;
    private long _lostMessages;
    private long _corruptBlocks;
    private bool _namesUnsynced;
    private volatile bool _isDisposed;

    private SegmentLog(ISpoolDirectory directory, SegmentLogOptions options, SegmentLogRecovery recovered)
    {
        _directory = directory;
        _segmentSize = options.SegmentSize;
        _files = new SegmentFiles(directory, _gate, options, recovered.HasSpare);
        _segments = recovered.Segments;
        _lost = recovered.Lost;
        LostAtStart = recovered.Report.LostMessages;
        _next = recovered.NextSequence;
        _released = recovered.Released;
        _end = recovered.End;
        _lastNumber = recovered.LastNumber;
        _failures = recovered.LastIsSealed ? PatienceWithSegment : 0;
        _saved = recovered.Checkpoint ?? default;
        _checkpointExists = recovered.HasCheckpointFile;
        _active = _segments.Count > 0 ? _segments[^1] : null;
        _segmentBytes = _segments.Sum(static s => s.Size);

        // The first Sync flushes what the last run left unflushed.
        foreach (Segment segment in _segments) segment.IsUnsynced = true;
        _namesUnsynced = true;
    }

    /// <summary>
    /// Opens the log in a directory that nothing else uses (<see cref="SpoolDirectory"/> ensures that), and repairs what
    /// a crash left behind. The caller disposes of the directory, after the log.
    /// </summary>
    /// <exception cref="SpoolVersionException">The directory was written by a newer version; nothing was changed.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static SegmentLog Open(ISpoolDirectory directory, SegmentLogOptions options, out RecoveryReport report)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SegmentSize, SegmentHeader.Size + BlockHeader.Size + 1);
        SegmentLogRecovery recovered = SegmentLogRecovery.Run(directory, options);
        report = recovered.Report;
        return new SegmentLog(directory, options, recovered);
    }

    /// <summary>Sequence of the next message appended.</summary>
    public long NextSequence
    {
        get
        {
            lock (_gate) return _next;
        }
    }

    /// <summary>Sequence of the oldest message held and not released; <see cref="NextSequence"/> if there is none.</summary>
    public long FirstSequence
    {
        get
        {
            lock (_gate) return FirstUnsynchronized;
        }
    }

    /// <summary>Messages held and not released, without those already known to be lost.</summary>
    public long Messages
    {
        get
        {
            lock (_gate) return _next - FirstUnsynchronized - _lost.Count;
        }
    }

    /// <summary>Bytes on disk of all segments, including reserved space and the spare.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _segmentBytes + _files.SpareBytesUnsynchronized;
        }
    }

    /// <summary>Undelivered messages that were found lost when the log was opened.</summary>
    public long LostAtStart { get; }

    /// <summary>Undelivered messages found lost by reading since the log was opened. Never decreases.</summary>
    public long LostMessages
    {
        get
        {
            lock (_gate) return _lostMessages;
        }
    }

    /// <summary>Damaged places found by reading since the log was opened. Never decreases.</summary>
    public long CorruptBlocks
    {
        get
        {
            lock (_gate) return _corruptBlocks;
        }
    }

    /// <summary>
    /// A needed segment could not be begun; blocks that fit into the previous one are still accepted. Only for the appending thread.
    /// </summary>
    public bool LacksSegment { get; private set; }

    private long FirstUnsynchronized => Math.Max(_released, _segments.Count > 0 ? _segments[0].FirstSequence : Sequence.First);

    /// <summary>Bytes by which <see cref="Bytes"/> grows if a block with that payload length is appended now.</summary>
    public long GrowthOf(int payloadLength)
    {
        long total = BlockHeader.Size + (long)payloadLength;
        lock (_gate)
        {
            if (_segments.Count > 0 && _end + total <= _segments[^1].Size) return 0;
            long size = Math.Max(_segmentSize, SegmentHeader.Size + total);
            return size == _segmentSize ? size - _files.SpareBytesUnsynchronized : size;
        }
    }

    /// <summary>
    /// Appends one block, in one write unless it is very large, and returns the sequence of its first message. The block survives
    /// the process from now on, and a loss of power from the next <see cref="Sync"/> on.
    /// </summary>
    /// <param name="payload">Not empty.</param>
    /// <param name="messages">At least one, and at most one per byte of the payload.</param>
    /// <exception cref="IOException">
    /// The block is not appended, and the next append writes at the same place. Only if the process dies before that may the
    /// block still be found.
    /// </exception>
    public long Append(ReadOnlySpan<byte> payload, int messages)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(messages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(messages, payload.Length);
        lock (_appending)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            BlockHeader header = new(payload.Length, messages, _next, 0, Crc32C.Of(payload));
            Segment segment = _active is null || _end + header.TotalLength > _active.Size || _failures >= PatienceWithSegment
                ? BeginSegment(header.TotalLength)
                : _active;
            try
            {
                SegmentFiles.Write(_files.Use(segment), segment.Size, _end, _staging, payload, header with { Tag = segment.Tag });
            }
            catch (IOException)
            {
                _failures++;
                throw;
            }
            _failures = 0;
            lock (_gate)
            {
                _end += header.TotalLength;
                _next = header.EndSequence;
                segment.IsUnsynced = true;
            }
            return header.FirstSequence;
        }
    }

    /// <summary>
    /// Makes everything appended before this call survive a loss of power (fdatasync). Appending continues meanwhile.
    /// </summary>
    /// <exception cref="IOException">
    /// It may not survive. Retrying is worthwhile, but a success then says little about what was appended before the
    /// failure: Linux reports a page that could not be written only once.
    /// </exception>
    public void Sync()
    {
        lock (_syncing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            for (long after = 0; NextUnsynced(after) is { } segment; after = segment.Number)
            {
                try
                {
                    _files.Use(segment).Sync();
                }
                catch (IOException)
                {
                    lock (_gate)
                    {
                        // If it was dropped or delivered meanwhile, it need not be flushed.
                        if (!_segments.Contains(segment)) continue;
                        segment.IsUnsynced = true;
                    }
                    throw;
                }
                finally
                {
                    Leave(segment);
                }
            }
            lock (_gate)
            {
                if (!_namesUnsynced) return;
                _namesUnsynced = false;
            }
            try
            {
                _directory.Sync();
            }
            catch (IOException)
            {
                lock (_gate) _namesUnsynced = true;
                throw;
            }
        }
    }

    /// <summary>Writes the delivery progress. Losing it causes only duplicates, so it is not flushed.</summary>
    /// <exception cref="IOException">The previous checkpoint is still valid.</exception>
    public void SaveCheckpoint()
    {
        lock (_saving)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Checkpoint now;
            lock (_gate) now = new Checkpoint(_saved.Generation + 1, FirstUnsynchronized, _next);
            if (_saved.Generation > 0 && _saved.Released == now.Released && _saved.Next == now.Next) return;
            try
            {
                _checkpointFile ??= _directory.Open(Checkpoint.FileName, createNew: !_checkpointExists, allocate: 0);
            }
            catch (IOException)
            {
                // If the file was deleted or created from outside, the next attempt uses the right mode.
                _checkpointExists = !_checkpointExists;
                throw;
            }
            _checkpointExists = true;
            now.Write(_checkpointFile);
            CrashPoint.Reach("checkpoint saved");
            _saved = now;
        }
    }

    /// <summary>
    /// Closes the files without saving: call <see cref="SaveCheckpoint"/> first, or everything delivered since the last checkpoint is
    /// delivered again.
    /// </summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (Lock operation in (ReadOnlySpan<Lock>)[_appending, _reading, _syncing, _saving, _removing])
        {
            // Operations that hold the lock began before; later ones throw.
            operation.Enter();
            operation.Exit();
        }
        foreach (Segment segment in _segments) _files.Close(segment);
        _checkpointFile?.Dispose();
        _checkpointFile = null;
    }

    private Segment BeginSegment(long total)
    {
        Segment? left = _active;

        // Set even if it fails: files created and removed again must not reappear after a loss of power.
        lock (_gate) _namesUnsynced = true;
        LacksSegment = true;
        Segment begun = _files.Begin(_lastNumber + 1, _next, total);
        LacksSegment = false;
        CrashPoint.Reach("segment begun");
        _lastNumber++;
        _failures = 0;

        // Given up after failures while still empty: two segments must not begin with the same message.
        bool leftIsEmpty = left is not null && left.FirstSequence == _next;
        bool isRead;
        lock (_gate)
        {
            if (leftIsEmpty)
            {
                _segments.RemoveAt(_segments.Count - 1);
                _segmentBytes -= left!.Size;
            }
            _segments.Add(begun);
            _segmentBytes += begun.Size;
            _active = begun;
            _end = SegmentHeader.Size;
            _namesUnsynced = true;
            _lost.ForgetBelow(FirstUnsynchronized);
            isRead = left == _readSegment;
        }
        if (leftIsEmpty) _files.GiveUp(left!, mayBeSpare: false);
        else if (left is not null && !isRead) _files.Close(left);
        return begun;
    }

    private Segment? NextUnsynced(long after)
    {
        lock (_gate)
        {
            foreach (Segment segment in _segments)
            {
                if (segment.Number <= after || !segment.IsUnsynced) continue;
                segment.IsUnsynced = false;
                segment.Users++;
                return segment;
            }
            return null;
        }
    }

    private void Leave(Segment segment)
    {
        bool close;
        lock (_gate) close = segment != _active && segment != _readSegment;
        _files.Leave(segment, close);
    }
}
