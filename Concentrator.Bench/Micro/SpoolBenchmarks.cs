using BenchmarkDotNet.Attributes;
using Concentrator.Bench.Programs;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;

namespace Concentrator.Bench.Micro;

/// <summary>
/// Step 6 of a message's journey for a relay: a full block to disk (to the page cache, as with durability <c>process</c>), and back.
/// </summary>
public class SpoolBenchmarks : IDisposable
{
    private const int Messages = 200;

    private readonly BenchDirectory _place = new();
    private readonly SpoolDirectory _directory;
    private readonly SegmentLog _log;
    private readonly byte[] _payload = [.. Enumerable.Repeat(SampleMessages.Rfc5424, Messages).SelectMany(static message => message)];
    private readonly Func<int, Block> _rent;
    private Block _block = new(Block.Capacity);
    private SegmentLogCursor _start;

    public SpoolBenchmarks()
    {
        _directory = new SpoolDirectory(_place["spool"]);
        _log = SegmentLog.Open(_directory, new SegmentLogOptions(), out _);
        _rent = Reuse;
        _ = Append();
        _start = _log.CursorAt(0);
    }

    [GlobalSetup]
    public void Check()
    {
        SegmentLogCursor cursor = _log.CursorAt(_log.NextSequence);
        bool isRead = Append() == Messages && _log.TryRead(ref cursor, _rent, out Block? block) && block.Bytes.Span.SequenceEqual(_payload);
        if (!isRead || _log.CorruptBlocks != 0)
            throw new InvalidOperationException("the spool's result is wrong, so the measurement is invalid");
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _log.Dispose();
        _directory.Dispose();
        _place.Dispose();
    }

    /// <summary>Appends one block of 200 messages and releases older ones, as a relay that keeps up does.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public int Append()
    {
        long first = _log.Append(_payload, Messages);
        if (first > 50 * Messages) _log.Release(first - (50 * Messages));
        return (int)(_log.NextSequence - first);
    }

    /// <summary>Reads the oldest block and verifies its checksum.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public int Read()
    {
        _start = _log.CursorAt(0);
        return _log.TryRead(ref _start, _rent, out Block? block) ? block.Messages : 0;
    }

    private Block Reuse(int length)
    {
        _block.Clear();
        return _block.Room >= length ? _block : _block = new Block(length);
    }
}
