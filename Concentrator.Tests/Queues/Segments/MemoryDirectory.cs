using System.Globalization;
using Concentrator.Queues.Files;

namespace Concentrator.Tests.Queues.Segments;

/// <summary>What a call to the file system does instead of working.</summary>
internal enum Fault
{
    /// <summary>Nothing is done.</summary>
    Error,

    /// <summary>Nothing is done, for want of room. Only calls that need room meet it.</summary>
    NoSpace,

    /// <summary>A write does a part of its work and says so. Only writes meet it.</summary>
    ShortWrite,

    /// <summary>A write does a part of its work and then fails.</summary>
    TornWrite,

    /// <summary>All is done, and then an error is reported.</summary>
    ErrorAfterwards,

    /// <summary>Nothing is created, deleted or renamed; files that are open take what is written.</summary>
    ReadOnly,
}

/// <summary>
/// A file system in memory that fails on demand and forgets like a real one: <see cref="LosePower"/> keeps what was synced and
/// any part of the rest, sector by sector; names only what <see cref="Sync"/> has seen and any first few of the later changes.
/// </summary>
internal sealed class MemoryDirectory : ISpoolDirectory
{
    private const int SectorSize = 64; // smaller than a real one, so that small blocks are torn too

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Node> _names = new(StringComparer.Ordinal);
    private Dictionary<string, Node> _durableNames = new(StringComparer.Ordinal);
    private readonly List<Action<Dictionary<string, Node>>> _unsyncedNames = [];
    private Fault _fault;
    private int _callsUntilFault = -1;
    private bool _goesOn;
    private readonly ManualResetEventSlim _answers = new();
    private volatile string? _stallAt;
    private volatile bool _hasStalled;

    /// <summary>Calls that changed something since the last power loss, and how many calls there were in all.</summary>
    public int Calls { get; private set; }

    /// <summary>What the fault hit, for the record; null if nothing yet.</summary>
    public string? Hit { get; private set; }

    /// <summary>Files that cannot be read.</summary>
    public HashSet<string> Unreadable { get; } = [];

    /// <summary>Called with its name before a file is opened, outside of every lock: what others do in that moment.</summary>
    public Action<string>? BeforeOpen { get; set; }

    public long FreeBytes { get; set; } = 1L << 40;

    public IEnumerable<string> Segments => Names.Where(static n => n.EndsWith(".segment", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>As they are now; others may be at work.</summary>
    public IEnumerable<string> Names
    {
        get
        {
            lock (_gate) return [.. _names.Keys];
        }
    }

    /// <summary>Makes the n-th call from now (0 = the next) fail, and all that follow if it <paramref name="goesOn"/>.</summary>
    public void FailAt(int calls, Fault fault, bool goesOn = false)
    {
        lock (_gate)
        {
            _callsUntilFault = calls;
            _fault = fault;
            _goesOn = goesOn;
            Hit = null;
        }
    }

    public void Heal()
    {
        _stallAt = null;
        _answers.Set();
        lock (_gate) _callsUntilFault = -1;
    }

    /// <summary>Calls that begin so, such as <c>sync</c>, do not return until <see cref="Heal"/>.</summary>
    public void StallAt(string calls)
    {
        _answers.Reset();
        _stallAt = calls;
    }

    /// <summary>A call stalls, or has.</summary>
    public bool HasStalled => _hasStalled;

    /// <summary>The bytes of a file, to look at and to damage.</summary>
    public byte[] this[string name]
    {
        get => _names[name].Bytes;
        set => _names[name].Replace(value);
    }

    public void Create(string name, byte[] bytes)
    {
        Node node = new();
        node.Replace(bytes);
        _names[name] = node;
        _durableNames[name] = node;
    }

    public void Remove(string name)
    {
        _names.Remove(name);
        _durableNames.Remove(name);
    }

    /// <summary>An independent copy, in which nothing fails.</summary>
    public MemoryDirectory Copy()
    {
        MemoryDirectory copy = new();
        lock (_gate)
        {
            foreach ((string name, Node node) in _names) copy.Create(name, [.. node.Bytes]);
        }
        return copy;
    }

    /// <summary>What is found when the power is back.</summary>
    public MemoryDirectory LosePower(Random random)
    {
        MemoryDirectory after = new();
        lock (_gate)
        {
            int kept = random.Next(_unsyncedNames.Count + 1);
            foreach (Action<Dictionary<string, Node>> change in _unsyncedNames.Take(kept)) change(_durableNames);
            foreach ((string name, Node node) in _durableNames) after.Create(name, node.AfterPowerLoss(random));
        }
        return after;
    }

    public IReadOnlyList<string> List()
    {
        lock (_gate)
        {
            Call("list", needsRoom: false);
            return [.. _names.Keys];
        }
    }

    public ISpoolFile Open(string name, bool createNew, long allocate)
    {
        BeforeOpen?.Invoke(name);
        lock (_gate)
        {
            Call($"open {name}", needsRoom: createNew, changesNames: createNew);
            if (createNew == _names.ContainsKey(name)) throw new IOException($"{name} {(createNew ? "exists" : "is not there")}");
            if (createNew)
            {
                Node created = new();
                created.Replace(new byte[allocate]);
                Change(names => names[name] = created);
            }
            return new Handle(this, _names[name], name);
        }
    }

    public void Delete(string name)
    {
        lock (_gate)
        {
            Call($"delete {name}", needsRoom: false, changesNames: true);
            Change(names => names.Remove(name));
        }
    }

    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            Call($"rename {from}", needsRoom: false, changesNames: true);
            if (!_names.ContainsKey(from)) throw new IOException($"{from} is not there");
            Change(names =>
            {
                if (names.Remove(from, out Node? node)) names[to] = node;
            });
        }
    }

    public void Sync()
    {
        lock (_gate)
        {
            Call("sync names", needsRoom: false);
            _durableNames = new Dictionary<string, Node>(_names, StringComparer.Ordinal);
            _unsyncedNames.Clear();
        }
    }

    public override string ToString() => "memory";

    private void Change(Action<Dictionary<string, Node>> change)
    {
        change(_names);
        _unsyncedNames.Add(change);
    }

    /// <summary>Throws, or returns how the call is to go wrong; null where it works.</summary>
    private Fault? Call(string what, bool needsRoom, bool isWrite = false, bool changesNames = false)
    {
        Calls++;
        if (_stallAt is { } calls && what.StartsWith(calls, StringComparison.Ordinal))
        {
            _hasStalled = true;
            _answers.Wait();
        }
        if (_callsUntilFault < 0 || _callsUntilFault-- > 0) return null;
        bool applies = _fault switch
        {
            Fault.NoSpace => needsRoom,
            Fault.ReadOnly => changesNames,
            Fault.ShortWrite or Fault.TornWrite or Fault.ErrorAfterwards => isWrite,
            _ => true,
        };
        _callsUntilFault = _goesOn || !applies ? 0 : -1;
        if (!applies) return null;
        Hit = what;
        if (_fault is Fault.Error or Fault.NoSpace or Fault.ReadOnly) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{_fault} at {what}"));
        return _fault;
    }

    private sealed class Node
    {
        private readonly List<(long Offset, byte[] Bytes)> _unsynced = [];
        private byte[] _durable = [];

        public byte[] Bytes { get; private set; } = [];

        public void Replace(byte[] bytes)
        {
            Bytes = bytes;
            _durable = [.. bytes];
            _unsynced.Clear();
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            Put(bytes, offset);
            _unsynced.Add((offset, bytes.ToArray()));
        }

        public void Sync()
        {
            _durable = [.. Bytes];
            _unsynced.Clear();
        }

        public byte[] AfterPowerLoss(Random random)
        {
            Bytes = _durable;
            bool all = random.Next(4) == 0;
            bool none = random.Next(4) == 0;
            foreach ((long offset, byte[] bytes) in _unsynced)
            {
                for (int at = 0; at < bytes.Length;)
                {
                    int length = (int)Math.Min(bytes.Length - at, SectorSize - ((offset + at) % SectorSize));
                    if (all || (!none && random.Next(2) == 0)) Put(bytes.AsSpan(at, length), offset + at);
                    at += length;
                }
            }
            return Bytes;
        }

        private void Put(ReadOnlySpan<byte> bytes, long offset)
        {
            if (offset + bytes.Length > Bytes.Length) Bytes = [.. Bytes, .. new byte[offset + bytes.Length - Bytes.Length]];
            bytes.CopyTo(Bytes.AsSpan((int)offset));
        }
    }

    private sealed class Handle(MemoryDirectory directory, Node node, string name) : ISpoolFile
    {
        private bool _isClosed;

        public long Length
        {
            get
            {
                lock (directory._gate)
                {
                    Use("measure", needsRoom: false);
                    return node.Bytes.Length;
                }
            }
        }

        public int Write(ReadOnlySpan<byte> bytes, long offset)
        {
            lock (directory._gate)
            {
                Fault? fault = Use("write", needsRoom: true, isWrite: true);
                int length = fault is Fault.ShortWrite or Fault.TornWrite ? (bytes.Length + 1) / 2 : bytes.Length;
                node.Write(bytes[..length], offset);
                return fault is Fault.TornWrite or Fault.ErrorAfterwards ? throw new IOException($"{fault} of {name}") : length;
            }
        }

        public int Read(Span<byte> bytes, long offset)
        {
            lock (directory._gate)
            {
                Use("read", needsRoom: false);
                if (directory.Unreadable.Contains(name)) throw new IOException($"{name} cannot be read");
                int length = (int)Math.Clamp(node.Bytes.Length - offset, 0, bytes.Length);
                node.Bytes.AsSpan((int)Math.Min(offset, node.Bytes.Length), length).CopyTo(bytes);
                return length;
            }
        }

        public void Sync()
        {
            lock (directory._gate)
            {
                Use("sync", needsRoom: false);
                node.Sync();
            }
        }

        public void Dispose()
        {
            lock (directory._gate) _isClosed = true;
        }

        private Fault? Use(string what, bool needsRoom, bool isWrite = false)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return directory.Call($"{what} {name}", needsRoom, isWrite);
        }
    }
}
