namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>
/// Tells lines that a sender's limit has cut from lines that merely look unfinished: HAProxy cuts at <c>len</c> and a ring at <c>maxlen</c>, so the
/// length of what is cut recurs to the byte. Remembers a few lengths. Any thread may call; for the rare line that needs it.
/// </summary>
internal sealed class CutLengths
{
    private const int Most = 8;

    private readonly Lock _gate = new();
    private readonly (int Length, long Lines)[] _lengths = new (int, long)[Most];
    private int _oldest;
    private long _lines;

    /// <summary>Lines whose length has come before, and the first of each such length.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>Counts an unfinished line.</summary>
    public void Add(int length)
    {
        lock (_gate)
        {
            for (int i = 0; i < Most; i++)
            {
                if (_lengths[i].Length != length || _lengths[i].Lines == 0) continue;
                _lines += _lengths[i].Lines++ == 1 ? 2 : 1;
                return;
            }

            // A length that has recurred is never given up for one that has not.
            for (int tried = 0; tried < Most; tried++)
            {
                int at = _oldest;
                _oldest = (_oldest + 1) % Most;
                if (_lengths[at].Lines > 1) continue;
                _lengths[at] = (length, 1);
                return;
            }
        }
    }

    /// <summary>The lengths that have recurred, ascending.</summary>
    public IReadOnlyList<int> Read()
    {
        lock (_gate) return [.. _lengths.Where(static known => known.Lines > 1).Select(static known => known.Length).Order()];
    }
}
