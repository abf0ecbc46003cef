using System.Diagnostics.CodeAnalysis;
using Concentrator.Native;
using Concentrator.Queues.Blocks;
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
/// same time. Each operation has a lock of its own (<see cref="SegmentAppender"/>, <see cref="SegmentReader"/>,
/// <see cref="SegmentFlusher"/>, <see cref="CheckpointFile"/>; removing has it here); they are never nested. What they share is the
/// <see cref="SegmentList"/>, whose gate is never held during disk I/O. Append and TryRead allocate nothing.
/// </summary>
internal sealed class SegmentLog : IDisposable
{
    private readonly SegmentList _list;
    private readonly SegmentFiles _files;
    private readonly SegmentFlusher _flusher;
    private readonly SegmentAppender _appender;
    private readonly SegmentReader _reader;
    private readonly CheckpointFile _checkpoint;
    private readonly Lock _removing = new();
    private bool _isDisposed;

    private SegmentLog(ISpoolDirectory directory, SegmentLogOptions options, SegmentLogRecovery recovered)
    {
        LostAtStart = recovered.Report.LostMessages;
        SkippedAtStart = recovered.Skipped;
        _list = new SegmentList(recovered, options.SegmentSize);
        _files = new SegmentFiles(directory, _list, options);
        _flusher = new SegmentFlusher(directory, _list, _files);
        _appender = new SegmentAppender(_list, _files, _flusher, recovered);
        _reader = new SegmentReader(_list, _files);
        _checkpoint = new CheckpointFile(directory, _list, recovered);
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
    public long NextSequence => _list.NextSequence;

    /// <summary>Sequence of the oldest message held and not released; <see cref="NextSequence"/> if there is none.</summary>
    public long FirstSequence => _list.FirstSequence;

    /// <summary>Messages held and not released, without those already known to be lost.</summary>
    public long Messages => _list.Messages;

    /// <summary>Bytes on disk of all segments, including reserved space and the spare.</summary>
    public long Bytes => _list.Bytes;

    /// <summary>Undelivered messages that were found lost when the log was opened.</summary>
    public long LostAtStart { get; }

    /// <summary>Sequences that no message got or will get, because a segment that cannot be read now may hold them.</summary>
    public long SkippedAtStart { get; }

    /// <summary>Undelivered messages found lost by reading since the log was opened. Never decreases.</summary>
    public long LostMessages => _reader.LostMessages;

    /// <summary>
    /// A needed segment could not be begun; blocks that fit into the previous one are still accepted. Only for the appending thread.
    /// </summary>
    public bool LacksSegment => _appender.LacksSegment;

    /// <summary>Whether there is a segment that <see cref="DropOldest"/> would drop.</summary>
    public bool CanDropOldest => _list.CanDropOldest;

    /// <summary>Bytes by which <see cref="Bytes"/> grows if a block with that payload length is appended now.</summary>
    public long GrowthOf(int payloadLength) => _list.GrowthOf(payloadLength);

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
    public long Append(ReadOnlySpan<byte> payload, int messages) => _appender.Append(payload, messages);

    /// <summary>
    /// Returns the position of the block that holds a sequence, or of the next one that is held. Any sequence is valid: one that is no
    /// longer held means the first that is. Reads nothing.
    /// </summary>
    public SegmentLogCursor CursorAt(long sequence) => new() { Sequence = Math.Max(sequence, FirstSequence) };

    /// <summary>
    /// Reads the next block in order, verifies its checksum, and moves the cursor past it. Damage on the way is skipped and
    /// counted (<see cref="LostMessages"/>). False when nothing more is appended.
    /// </summary>
    /// <param name="cursor">Moved past what was read or skipped.</param>
    /// <param name="rent">Returns an empty block of at least that many bytes. Not called when there is nothing to read.</param>
    /// <param name="block">Owned by the caller; it may begin before the sequence that the cursor was created for.</param>
    /// <exception cref="IOException">
    /// The disk failed to read. Try again: after <see cref="SegmentReader.Patience"/> failures the place is treated as damaged.
    /// </exception>
    public bool TryRead(ref SegmentLogCursor cursor, Func<int, Block> rent, [NotNullWhen(true)] out Block? block) =>
        _reader.TryRead(ref cursor, rent, out block);

    /// <summary>
    /// Makes everything appended before this call survive a loss of power (fdatasync). Appending continues meanwhile.
    /// </summary>
    /// <exception cref="IOException">
    /// It may not survive. Retrying is worthwhile, but a success then says little about what was appended before the
    /// failure: Linux reports a page that could not be written only once.
    /// </exception>
    public void Sync() => _flusher.Sync();

    /// <summary>Writes the delivery progress. Losing it causes only duplicates, so it is not flushed.</summary>
    /// <exception cref="IOException">The previous checkpoint is still valid.</exception>
    public void SaveCheckpoint() => _checkpoint.Save();

    /// <summary>
    /// Every message below <paramref name="sequence"/> is delivered. Segments wholly below are removed from disk; one of them is kept for
    /// reuse. The next <see cref="SaveCheckpoint"/> records this on disk. Never throws for disk errors.
    /// </summary>
    public void Release(long sequence)
    {
        lock (_removing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _list.Release(sequence);
            while (_list.TakeDelivered() is { } segment)
            {
                CrashPoint.Reach("segment delivered");
                _files.GiveUp(segment, mayBeSpare: true);
            }
        }
    }

    /// <summary>
    /// Drops the oldest segment, unless it is the one being filled, and returns its space to the file system. Returns how
    /// many undelivered messages are lost with it; 0 when there was nothing to drop, or it held none.
    /// </summary>
    /// <param name="taken">
    /// Messages below this sequence have been read and are with the caller, so they are not lost and not counted.
    /// </param>
    /// <param name="whenTaken">
    /// Called with that number when the segment has left the log and its file is still there: a kill before the file is deleted brings it back.
    /// </param>
    public long DropOldest(long taken = 0, Action<long>? whenTaken = null)
    {
        lock (_removing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_list.TakeOldest(taken, out long lost) is not { } oldest) return 0;
            whenTaken?.Invoke(lost);
            CrashPoint.Reach("oldest taken");
            _files.GiveUp(oldest, mayBeSpare: false);
            CrashPoint.Reach("oldest deleted");
            return lost;
        }
    }

    /// <summary>
    /// The directory was created again: the next block begins a segment, and the next checkpoint its file. Messages in
    /// segments that are gone are counted as lost when reading reaches them.
    /// </summary>
    public void BeginAnew()
    {
        _appender.LeaveSegment();
        _checkpoint.BeginAnew();
    }

    /// <summary>
    /// Closes the files without saving: call <see cref="SaveCheckpoint"/> first, or everything delivered since the last checkpoint is
    /// delivered again.
    /// </summary>
    public void Dispose()
    {
        // Operations that have begun are waited for; later ones throw.
        _appender.Close();
        _reader.Close();
        _flusher.Close();
        _checkpoint.Close();
        lock (_removing) _isDisposed = true;
        _list.ForEach(_files.Close);
    }
}
