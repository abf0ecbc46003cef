using Concentrator.Bench.Arguments;

namespace Concentrator.Bench.Load;

/// <summary>Which message is due when: bursts at a steady rate, or at one that rises evenly. Pure arithmetic.</summary>
internal readonly struct Pace
{
    /// <summary>
    /// A tenth of a millisecond between bursts where nothing else is asked for: HAProxy sends when a request ends, so up to 10,000
    /// messages a second come one by one. A sleeping sender cannot wake much more often.
    /// </summary>
    private const double BurstsPerSecond = 10_000;

    /// <summary>
    /// What a sender that woke up late makes up for at once, at most: bursts of what its stall has left undone are nobody's traffic.
    /// </summary>
    private static readonly TimeSpan MostMadeUp = TimeSpan.FromMilliseconds(0.5);

    private readonly RateRange _rate;
    private readonly TimeSpan _duration;

    /// <param name="rate">Of one sending thread.</param>
    /// <param name="duration">That of a ramp; ignored for a steady rate.</param>
    /// <param name="burst">Messages; zero chooses.</param>
    public Pace(RateRange rate, TimeSpan duration, int burst)
    {
        _rate = rate;
        _duration = duration;
        Burst = burst > 0 ? burst : Math.Max(1, (int)Math.Ceiling(Math.Max(rate.From, rate.To) / BurstsPerSecond));
    }

    public int Burst { get; }

    /// <summary>Messages that are due by then, in whole bursts; the first burst is due at once.</summary>
    public long Due(TimeSpan elapsed) => _rate.IsUnlimited ? long.MaxValue : ((long)(Position(elapsed) / Burst) + 1) * Burst;

    /// <summary>How long until the burst behind that many messages is due.</summary>
    public TimeSpan UntilNext(TimeSpan elapsed, long sent)
    {
        double missing = sent - Position(elapsed);
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(0.1, missing / RateAt(elapsed)));
    }

    /// <summary>
    /// The least time from one burst to the next: a sender that was held up makes up for it at twice its rate, and not in one burst
    /// that nobody asked for.
    /// </summary>
    public TimeSpan LeastGap(TimeSpan elapsed) => _rate.IsUnlimited ? TimeSpan.Zero : TimeSpan.FromSeconds(Burst / RateAt(elapsed) / 2);

    /// <summary>
    /// Messages to send now, in whole bursts: one burst, or, where the sender woke up late, as many as are due and twice the rate
    /// allows for the time since the last ones.
    /// </summary>
    /// <param name="elapsed">More is due by then than was sent.</param>
    public long Owed(TimeSpan elapsed, TimeSpan sinceLast, long sent)
    {
        double since = Math.Min(sinceLast.TotalSeconds, MostMadeUp.TotalSeconds);
        long allowed = Math.Max(1, (long)(2 * RateAt(elapsed) * since / Burst)) * Burst;
        return Math.Min(Due(elapsed) - sent, allowed);
    }

    private double RateAt(TimeSpan elapsed)
    {
        double share = _duration > TimeSpan.Zero ? Math.Clamp(elapsed / _duration, 0, 1) : 1;
        return Math.Max(1, _rate.From + ((_rate.To - _rate.From) * share));
    }

    /// <summary>The integral of the rate.</summary>
    private double Position(TimeSpan elapsed)
    {
        double t = elapsed.TotalSeconds;
        double ramp = _duration.TotalSeconds;
        if (_rate.From == _rate.To || ramp <= 0) return _rate.To * t;
        double rising = Math.Min(t, ramp);
        return (_rate.From * rising) + ((_rate.To - _rate.From) * rising * rising / (2 * ramp)) + (_rate.To * (t - rising));
    }
}
