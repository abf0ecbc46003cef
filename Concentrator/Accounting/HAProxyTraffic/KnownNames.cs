using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>
/// Numbers for names, in the order in which they are first seen, up to a limit: a bound for the values of a label. Any thread may call; finding a
/// known name takes no lock and allocates nothing. Names are never forgotten.
/// </summary>
/// <param name="most">How many names are told apart. Room is made when the first is seen.</param>
internal sealed class KnownNames(int most)
{
    /// <summary>The number of every further name, and of one that HAProxy would not allow in its configuration.</summary>
    public const int Other = 0;

    private const string OtherLabel = "other";
    private const int LongestName = 100;

    private static readonly SearchValues<byte> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"u8);

    private readonly Lock _gate = new();
    private Entry?[]? _slots;
    private Entry[] _byNumber = [];

    /// <summary>The names' numbers are 0 (<see cref="Other"/>) to this one.</summary>
    public int Most { get; } = most;

    /// <summary>How many names are known.</summary>
    public int Count => Volatile.Read(ref _byNumber).Length;

    /// <summary>The number of a name; one that is new gets the next while there is room.</summary>
    public int NumberOf(ReadOnlySpan<byte> name)
    {
        uint hash = Hash(name);
        return Volatile.Read(ref _slots) is { } slots && Find(slots, name, hash) is { } known ? known.Number : Add(name, hash);
    }

    /// <summary>Whether the name has a number; it gets none.</summary>
    public bool Contains(ReadOnlySpan<byte> name) => Volatile.Read(ref _slots) is { } slots && Find(slots, name, Hash(name)) is not null;

    /// <param name="number">0 to <see cref="Count"/>.</param>
    public string NameOf(int number) => number == Other ? OtherLabel : Volatile.Read(ref _byNumber)[number - 1].Name;

    private static Entry? Find(Entry?[] slots, ReadOnlySpan<byte> name, uint hash)
    {
        // At most half of the slots are taken, so an empty one ends the search.
        for (uint at = hash; ; at++)
        {
            Entry? entry = Volatile.Read(ref slots[at & (uint)(slots.Length - 1)]);
            if (entry is null) return null;
            if (entry.Hash == hash && name.SequenceEqual(entry.Bytes)) return entry;
        }
    }

    private int Add(ReadOnlySpan<byte> name, uint hash)
    {
        // Read before the lock: with no room left, strangers cost no more than this.
        if (Count >= Most || name.IsEmpty || name.Length > LongestName || name.ContainsAnyExcept(Allowed)) return Other;
        lock (_gate)
        {
            Entry?[] slots = _slots ?? new Entry?[BitOperations.RoundUpToPowerOf2((uint)(2 * Most))];
            if (Find(slots, name, hash) is { } known) return known.Number;
            if (_byNumber.Length >= Most) return Other;
            Entry added = new(name.ToArray(), hash, _byNumber.Length + 1, Encoding.ASCII.GetString(name));
            Volatile.Write(ref _byNumber, [.. _byNumber, added]);
            uint at = hash & (uint)(slots.Length - 1);
            while (slots[at] is not null) at = (at + 1) & (uint)(slots.Length - 1);
            Volatile.Write(ref slots[at], added);
            Volatile.Write(ref _slots, slots);
            return added.Number;
        }
    }

    /// <summary>Eight bytes at a time; names come from a configuration, not from clients.</summary>
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        const ulong factor = 0x9E3779B97F4A7C15;
        ulong hash = (ulong)name.Length;
        while (name.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(name)) * factor;
            name = name[8..];
        }
        ulong rest = 0;
        if (name.Length >= 4)
        {
            rest = BinaryPrimitives.ReadUInt32LittleEndian(name) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(name[^4..]) << 32);
        }
        else if (!name.IsEmpty)
        {
            rest = name[0] | ((ulong)name[name.Length / 2] << 8) | ((ulong)name[^1] << 16);
        }
        hash = (hash ^ rest) * factor;
        return (uint)(hash >> 32);
    }

    private sealed record Entry(byte[] Bytes, uint Hash, int Number, string Name);
}
