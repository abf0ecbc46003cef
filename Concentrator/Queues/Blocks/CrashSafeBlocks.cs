using Concentrator.Queues.CrashSafe;

namespace Concentrator.Queues.Blocks;

/// <summary>
/// The blocks of one output's front, in memory that outlives the process: what is rendered and committed is found again by
/// the next start, until a disk or a file has it. A message that is larger than a unit takes several in a row.
/// <para>
/// The record of a unit is two words: its state (length and messages of what is committed, in one word, so that both change
/// at once; 0 = nothing that is not elsewhere), and the order in which blocks were begun. Of a run of units, the first one's counts.
/// </para>
/// Renting and returning: under the lock of the pool. A block's state: whoever owns the block.
/// </summary>
internal sealed class CrashSafeBlocks
{
    private const int RecordSize = 2 * sizeof(long);

    /// <summary>
    /// Units for a limit of bytes, in limits: a message that does not fit into the block being filled leaves room behind, and one
    /// that needs two units may fill little more than one. The worst is a small message before each large one: a third is used.
    /// </summary>
    private const int Spread = 4;

    /// <summary>Units whose pages are reserved at once: 1 MB.</summary>
    private const int ReservedAtOnce = 16;

    private readonly CrashSafeMemory _memory;
    private readonly Region _region;
    private readonly IdleUnits _idle;
    private readonly Block?[] _blocks;
    private readonly List<Block> _left = [];
    private int _begun;
    private int _reserved;
    private long _order;

    private CrashSafeBlocks(CrashSafeMemory memory, Region region, int reserved)
    {
        _memory = memory;
        _region = region;
        _reserved = reserved;
        _idle = new IdleUnits(region.Layout.Units);
        _blocks = new Block?[region.Layout.Units];
    }

    /// <summary>What an earlier process left, in order; to be delivered before anything else. Emptied by the caller.</summary>
    public IReadOnlyList<Block> Left => _left;

    /// <param name="output">Its name.</param>
    /// <param name="bytes">Of all messages together, of whatever sizes.</param>
    /// <returns>Null where memory that outlives the process cannot be had.</returns>
    public static CrashSafeBlocks? Open(CrashSafeMemory memory, string output, long bytes)
    {
        int ordinary = (int)Math.Clamp(bytes / Block.Capacity, 16, 1 << 18);
        RegionLayout layout = new(RegionKind.Front, RecordSize, Block.Capacity, ordinary * Spread);

        // On a disk the ordinary need is reserved now: later, whoever renders a message would wait for it. On tmpfs a reserved page is
        // a page of memory, and reserving costs no wait: there it is done as it is needed.
        int reserved = memory.IsMemory ? 0 : ordinary;
        Region region = memory.Open(
            output, layout, reserved, static found => HoldsSomething(found) || found.Memory.Word(RegionLayout.OwnWords) != 0);
        if (region.Name is null) return null;
        CrashSafeBlocks blocks = new(memory, region, Math.Min(reserved, region.Layout.Units));
        blocks.FindLeft();
        return blocks;
    }

    /// <summary>An empty block with room for at least that many bytes; null when none can be had.</summary>
    public Block? TryRent(int length)
    {
        int units = Math.Max(1, UnitsOf(length));
        int first = units == 1 ? _idle.Take() : _idle.TakeRun(units);
        if (first < 0) first = Begin(units);
        if (first < 0) return null;
        _region.Memory.Word(Record(first) + sizeof(long)) = ++_order;
        return units > 1 ? NewBlock(first, units) : _blocks[first] ??= NewBlock(first, 1);
    }

    public void Return(Block block)
    {
        for (int unit = block.Unit; unit < block.Unit + UnitsOf(block.Size); unit++) _idle.Add(unit);
    }

    /// <summary>
    /// How far delivery has come, where a kill does not undo it: newer than any checkpoint, so that a kill makes few duplicates. It is
    /// written down twice, the second time inverted: a damaged word must not pass for the delivery of what is in the log. 0 = unknown.
    /// </summary>
    public long Settled
    {
        get
        {
            long settled = Volatile.Read(ref _region.Memory.Word(RegionLayout.OwnWords));
            return _region.Memory.Word(RegionLayout.OwnWords + sizeof(long)) == ~settled ? settled : 0;
        }
        set
        {
            Volatile.Write(ref _region.Memory.Word(RegionLayout.OwnWords), value);
            Volatile.Write(ref _region.Memory.Word(RegionLayout.OwnWords + sizeof(long)), ~value);
        }
    }

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

    /// <summary>The first of that many units that were never in use; -1 where there is no room for them.</summary>
    private int Begin(int units)
    {
        if (units > _region.Layout.Units - _begun || !TryReserve(_begun + units)) return -1;
        _begun += units;
        return _begun - units;
    }

    private bool TryReserve(int units)
    {
        if (units <= _reserved) return true;
        int wanted = Math.Min(_region.Layout.Units, Math.Max(units, _reserved + ReservedAtOnce));
        if (!_region.TryReserve(_region.Layout.OffsetOf(_reserved), _region.Layout.OffsetOf(wanted)))
        {
            _memory.TellNoRoom(_region);
            return false;
        }
        _reserved = wanted;
        return true;
    }

    private void FindLeft()
    {
        List<(long Order, Block Block)> found = [];
        for (int unit = 0; unit < _region.Layout.Units; unit++)
        {
            ref long state = ref _region.Memory.Word(Record(unit));
            if (state == 0) continue;
            (int length, int messages) = ((int)(state >> 32), (int)state);
            if (unit < _begun || length <= 0 || messages <= 0 || messages > length || UnitsOf(length) > _region.Layout.Units - unit)
            {
                // Written by nobody, or within a run: it is treated as the free unit that it may as well be.
                state = 0;
                continue;
            }
            long order = _region.Memory.Word(Record(unit) + sizeof(long));
            _order = Math.Max(_order, order);
            for (int idle = _begun; idle < unit; idle++) _idle.Add(idle);
            _begun = unit + UnitsOf(length);

            // Its pages are there as far as it goes, and nobody adds anything behind.
            Block block = new(this, unit, _region.Memory.Slice(_region.Layout.OffsetOf(unit), length));
            block.Load(length, messages, sequence: 0);
            found.Add((order, block));
        }

        // Without room for its pages, what is free among them is left alone.
        if (!TryReserve(_begun)) _idle.Clear();
        _left.AddRange(found.OrderBy(static f => f.Order).Select(static f => f.Block));
    }

    private int UnitsOf(int length) => (int)(((long)length + _region.Layout.UnitSize - 1) / _region.Layout.UnitSize);

    private Block NewBlock(int unit, int units) =>
        new(this, unit, _region.Memory.Slice(_region.Layout.OffsetOf(unit), units * _region.Layout.UnitSize));

    private static long Record(int unit) => RegionLayout.Records + (long)unit * RecordSize;
}
