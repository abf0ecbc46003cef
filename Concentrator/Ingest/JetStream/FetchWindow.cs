namespace Concentrator.Ingest.JetStream;

/// <summary>
/// How many messages of a stream a listener may have pending: as many as its outputs have dealt with in the last five seconds. What is
/// pending here no other server gets, so a server whose receiver is slow, or away, must not fetch what it cannot deliver soon.
/// <para>
/// Outputs that deliver within less than those five seconds let the window grow with each round, until the outputs or <see cref="Most"/> are
/// the limit; no rate has to be known. Any thread may call.
/// </para>
/// </summary>
internal sealed class FetchWindow(TimeProvider time)
{
    /// <summary>Blocks of 64 KB make 16 MB.</summary>
    public const int Most = 256;

    /// <summary>What is always allowed: enough that one that is delivered is not waited for by the next, and that a receiver that comes back gets something.</summary>
    public const int Least = 8;

    /// <summary>Counts of a second each: the present one and those before it.</summary>
    private const int Seconds = 5;

    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();

    // Guarded by _gate: what was dealt with in each second, at the second's number modulo their count.
    private readonly int[] _settled = new int[Seconds];
    private long _second;

    /// <summary>The messages that may be pending now.</summary>
    public int Size
    {
        get
        {
            lock (_gate)
            {
                AdvanceUnsynchronized();
                return Math.Clamp(_settled.Sum(), Least, Most);
            }
        }
    }

    /// <summary>Notes that so many messages were dealt with now.</summary>
    public void Settled(int messages)
    {
        if (messages == 0) return;
        lock (_gate)
        {
            AdvanceUnsynchronized();
            _settled[_second % Seconds] += messages;
        }
    }

    private void AdvanceUnsynchronized()
    {
        long now = (long)time.GetElapsedTime(_began).TotalSeconds;
        for (int passed = 0; _second < now && passed < Seconds; passed++) _settled[++_second % Seconds] = 0;
        _second = now;
    }
}
