using Concentrator.Native;
using Microsoft.Extensions.Logging;

namespace Concentrator.Spool;

/// <summary>
/// The blocks of one output's front, in memory that outlives the process: what is rendered and committed is found again by
/// the next start, until a disk or a file has it.
/// <para>
/// The record of a unit is two words: its state (length and messages of what is committed, in one word, so that both change
/// at once; 0 = nothing that is not elsewhere), and the order in which blocks were begun.
/// </para>
/// Renting and returning: under the lock of the pool. A block's state: whoever owns the block.
/// </summary>
internal sealed class FrontBlocks
{
    private const int RecordSize = 2 * sizeof(long);

    private readonly SurvivingMemory _memory;
    private readonly Region _region;
    private readonly Stack<Block> _idle = new();
    private readonly List<Block> _left = [];
    private int _begun;
    private long _order;

    private FrontBlocks(SurvivingMemory memory, Region region)
    {
        _memory = memory;
        _region = region;
    }

    /// <summary>What an earlier process left, in order; to be delivered before anything else. Emptied by the caller.</summary>
    public IReadOnlyList<Block> Left => _left;

    /// <param name="output">Its name.</param>
    /// <param name="bytes">Of all blocks together.</param>
    /// <returns>Null where memory that outlives the process cannot be had.</returns>
    public static FrontBlocks? Open(SurvivingMemory memory, string output, long bytes)
    {
        RegionLayout layout = new(RegionKind.Front, RecordSize, Block.Capacity, (int)Math.Clamp(bytes / Block.Capacity, 16, 1 << 16));
        Region region = memory.Open(output, layout, static found => HoldsSomething(found) || found.Memory.Word(RegionLayout.OwnWords) != 0);
        if (region.Name is null) return null;
        FrontBlocks blocks = new(memory, region);
        blocks.FindLeft();
        return blocks;
    }

    /// <summary>An empty block; null when all are in use.</summary>
    public Block? TryRent()
    {
        if (!_idle.TryPop(out Block? block))
        {
            if (_begun == _region.Layout.Units) return null;
            block = NewBlock(_begun++);
        }
        _region.Memory.Word(Record(block.Unit) + sizeof(long)) = ++_order;
        return block;
    }

    public void Return(Block block) => _idle.Push(block);

    /// <summary>
    /// A word of the queue's own, for how far delivery has come: newer than any checkpoint, so that a kill makes few duplicates.
    /// </summary>
    public ref long Settled => ref _region.Memory.Word(RegionLayout.OwnWords);

    /// <summary>From now on, these messages outlive the process.</summary>
    public void Commit(int unit, int length, int messages) =>
        Volatile.Write(ref _region.Memory.Word(Record(unit)), (long)length << 32 | (uint)messages);

    /// <summary>What the block holds is elsewhere now, or is no longer wanted.</summary>
    public void Forget(int unit) => Volatile.Write(ref _region.Memory.Word(Record(unit)), 0);

    /// <summary>The output has ended, and the checkpoint is saved: the file goes, unless something is left in it.</summary>
    public void Close() => _memory.Close(_region, keep: HoldsSomething(_region));

    private static bool HoldsSomething(Region region)
    {
        for (int unit = 0; unit < region.Layout.Units; unit++)
        {
            if (region.Memory.Word(Record(unit)) != 0) return true;
        }
        return false;
    }

    private void FindLeft()
    {
        List<(long Order, Block Block)> found = [];
        for (int unit = 0; unit < _region.Layout.Units; unit++)
        {
            ref long state = ref _region.Memory.Word(Record(unit));
            if (state == 0) continue;
            (int length, int messages) = ((int)(state >> 32), (int)state);
            _begun = unit + 1;
            if (length <= 0 || length > _region.Layout.UnitSize || messages <= 0 || messages > length)
            {
                // Written by nobody: it is treated as the free unit that it may as well be.
                state = 0;
                continue;
            }
            long order = _region.Memory.Word(Record(unit) + sizeof(long));
            _order = Math.Max(_order, order);
            Block block = NewBlock(unit);
            block.Load(length, messages, sequence: 0);
            found.Add((order, block));
        }
        if (_begun == 0) return;
        HashSet<int> used = [.. found.Select(static f => f.Block.Unit)];
        for (int unit = 0; unit < _begun; unit++)
        {
            if (!used.Contains(unit)) _idle.Push(NewBlock(unit));
        }
        _left.AddRange(found.OrderBy(static f => f.Order).Select(static f => f.Block));
    }

    private Block NewBlock(int unit) => new(
        this, unit, _region.Memory.Slice(_region.Layout.UnitsOffset + (long)unit * _region.Layout.UnitSize, _region.Layout.UnitSize));

    private static long Record(int unit) => RegionLayout.Records + (long)unit * RecordSize;
}
