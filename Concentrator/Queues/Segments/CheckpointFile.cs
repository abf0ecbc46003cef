using Concentrator.Native;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;

namespace Concentrator.Queues.Segments;

/// <summary>
/// The file that records how far a <see cref="SegmentLog"/> is delivered (<see cref="Checkpoint"/>). Any thread may save; a lock of its own
/// is held for the whole of it.
/// </summary>
internal sealed class CheckpointFile(ISpoolDirectory directory, SegmentList list, SegmentLogRecovery recovered)
{
    private readonly Lock _saving = new();
    private ISpoolFile? _file;
    private bool _exists = recovered.HasCheckpointFile;
    private Checkpoint _saved = recovered.Checkpoint ?? default;
    private bool _isClosed;

    /// <inheritdoc cref="SegmentLog.SaveCheckpoint"/>
    public void Save()
    {
        lock (_saving)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            Checkpoint now = list.CheckpointNow(_saved.Generation + 1);
            if (_saved.Generation > 0 && _saved.Released == now.Released && _saved.Next == now.Next) return;
            try
            {
                _file ??= directory.Open(Checkpoint.FileName, createNew: !_exists, allocate: 0);
            }
            catch (IOException)
            {
                // If the file was deleted or created from outside, the next attempt uses the right mode.
                _exists = !_exists;
                throw;
            }
            _exists = true;
            now.Write(_file);
            CrashPoint.Reach("checkpoint saved");
            _saved = now;
        }
    }

    /// <summary>The directory was created again: the next checkpoint creates its file.</summary>
    public void BeginAnew()
    {
        lock (_saving)
        {
            _file?.Dispose();
            _file = null;
            _exists = false;

            // Differs from the file's contents, so that it is written again.
            _saved = _saved with { Next = -1 };
        }
    }

    /// <summary>Closes the file, after a save that has begun; later ones throw.</summary>
    public void Close()
    {
        lock (_saving)
        {
            _isClosed = true;
            _file?.Dispose();
            _file = null;
        }
    }
}
