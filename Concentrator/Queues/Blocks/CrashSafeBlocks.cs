using Concentrator.Queues.CrashSafe;

namespace Concentrator.Queues.Blocks;

/// <summary>
/// The blocks of one output's front, in memory that survives the process: the next start finds everything rendered and committed
/// that is not yet on disk or in a file. A message larger than a unit takes several consecutive units.
/// <para>
/// The record of a unit is two words: its state (length and messages of the committed contents in one word, so that both change
/// at once; 0 = holds nothing that is not elsewhere) and the order in which blocks were begun. A run of units uses its first record.
/// </para>
/// Callers rent and return under the lock of the pool; the owner of a block changes its state.
/// </summary>
internal sealed class CrashSafeBlocks
{
    private const int RecordSize = 2 * sizeof(long);

    /// <summary>
    /// Units reserved per unit that the byte limit needs: a message that does not fit into the current block leaves room unused, and one
    /// that needs two units may fill little more than one. In the worst case, a small message before each large one, a third is used.
    /// </summary>
    private const int Spread = 4;

    /// <summary>Units whose pages are reserved in one step: 1 MB.</summary>
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

    /// <summary>The blocks that an earlier process left, in order, to be delivered first. The caller empties it.</summary>
    public IReadOnlyList<Block> Left => _left;

    /// <param name="output">Name of the output.</param>
    /// <param name="bytes">Limit for all messages together, whatever their sizes.</param>
    /// <returns>Null when crash-safe memory is not available.</returns>
    public static CrashSafeBlocks? Open(CrashSafeMemory memory, string output, long bytes)
    {
        int ordinary = (int)Math.Clamp(bytes / Block.Capacity, 16, 1 << 18);
        RegionLayout layout = new(RegionKind.Front, RecordSize, Block.Capacity, ordinary * Spread);

        // On a disk the ordinary need is reserved now; later, the thread that renders a message would wait for it. On tmpfs a reserved page
        // takes memory and reserving does not block, so pages are reserved as they are needed.
        int reserved = memory.IsMemory ? 0 : ordinary;
        Region region = memory.Open(
            output, layout, reserved, static found => HoldsSomething(found) || found.Memory.Word(RegionLayout.OwnWords) != 0);
        if (region.Name is null) return null;
        CrashSafeBlocks blocks = new(memory, region, Math.Min(reserved, region.Layout.Units));
        blocks.FindLeft();
        return blocks;
    }

    /// <summary>Rents an empty block of at least <paramref name="length"/> bytes; null when none is available.</summary>
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
    /// Sequence number below which everything is delivered, kept across a kill: newer than any checkpoint, so a kill causes few duplicates.
    /// Stored twice, the second time inverted, so that a damaged word is not taken for the delivery of messages in the log. 0 = unknown.
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

    /// <summary>Makes these messages survive the process.</summary>
    public void Commit(int unit, int length, int messages) =>
        Volatile.Write(ref _region.Memory.Word(Record(unit)), (long)length << 32 | (uint)messages);

    /// <summary>Clears the record: the contents are elsewhere now, or are no longer wanted.</summary>
    public void Forget(int unit) => Volatile.Write(ref _region.Memory.Word(Record(unit)), 0);

    /// <summary>The output has ended and the checkpoint is saved: deletes the file, unless it still holds something.</summary>
    public void Close() => _memory.Close(_region, keep: HoldsSomething(_region));

    private static bool HoldsSomething(Region region)
    {
        for (int unit = 0; unit < region.Layout.Units; unit++)
        {
            if (region.Memory.Word(Record(unit)) != 0) return true;
        }
        return false;
    }

    /// <summary>Returns the first of <paramref name="units"/> consecutive units that were never used; -1 when there is no room.</summary>
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
                // Not a valid record, or one inside a run: treated as a free unit.
                state = 0;
                continue;
            }
            long order = _region.Memory.Word(Record(unit) + sizeof(long));
            _order = Math.Max(_order, order);
            for (int idle = _begun; idle < unit; idle++) _idle.Add(idle);
            _begun = unit + UnitsOf(length);

            // Its pages exist up to this length, and nothing is appended to it.
            Block block = new(this, unit, _region.Memory.Slice(_region.Layout.OffsetOf(unit), length));
            block.Load(length, messages, sequence: 0);
            found.Add((order, block));
        }

        // Without room for their pages, the free units among them are not used.
        if (!TryReserve(_begun)) _idle.Clear();
        _left.AddRange(found.OrderBy(static f => f.Order).Select(static f => f.Block));
    }

    private int UnitsOf(int length) => (int)(((long)length + _region.Layout.UnitSize - 1) / _region.Layout.UnitSize);

    private Block NewBlock(int unit, int units) =>
        new(this, unit, _region.Memory.Slice(_region.Layout.OffsetOf(unit), units * _region.Layout.UnitSize));

    private static long Record(int unit) => RegionLayout.Records + (long)unit * RecordSize;
}
