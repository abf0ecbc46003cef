using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>
/// The flushing part of a <see cref="SegmentLog"/>: which segments and names have changed since they were flushed. Any thread may flush;
/// a lock of its own is held for the whole of it. Appending and reading go on meanwhile.
/// </summary>
internal sealed class SegmentFlusher(ISpoolDirectory directory, SegmentList list, SegmentFiles files)
{
    private readonly Lock _syncing = new();
    private bool _isClosed;

    // Set by any thread, taken by the one that flushes. The first flush includes what the last run left unflushed.
    private bool _namesUnsynced = true;

    /// <summary>Files were created, renamed or deleted: call it after that, and before anything is appended to them.</summary>
    public void NoteNames() => Volatile.Write(ref _namesUnsynced, true);

    /// <inheritdoc cref="SegmentLog.Sync"/>
    public void Sync()
    {
        lock (_syncing)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            for (long after = 0; list.TakeUnsynced(after) is { } segment; after = segment.Number)
            {
                try
                {
                    files.Use(segment).Sync();
                }
                catch (IOException)
                {
                    // If it was dropped or delivered meanwhile, it need not be flushed.
                    if (list.TryReturnUnsynced(segment)) throw;
                }
                finally
                {
                    files.Leave(segment);
                }
            }
            if (!Interlocked.Exchange(ref _namesUnsynced, false)) return;
            try
            {
                directory.Sync();
            }
            catch (IOException)
            {
                NoteNames();
                throw;
            }
        }
    }

    /// <summary>Waits for a flush that has begun; later ones throw.</summary>
    public void Close()
    {
        lock (_syncing) _isClosed = true;
    }
}
