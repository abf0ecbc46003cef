using Concentrator.Bench.Arguments;

namespace Concentrator.Bench.Load;

/// <summary>Determines when each message is due: in bursts at a steady or evenly rising rate. Pure arithmetic.</summary>
internal readonly struct Pace
{
    /// <summary>
    /// The default is at least 0.1 ms between bursts. HAProxy sends when a request ends, so up to 10,000 messages per second are sent one
    /// by one. A sleeping sender cannot wake much more often.
    /// </summary>
    private const double BurstsPerSecond = 10_000;

    /// <summary>
    /// The most that a late sender makes up for at once, because a burst after a long stall would not be realistic traffic.
    /// </summary>
    private static readonly TimeSpan MostMadeUp = TimeSpan.FromMilliseconds(0.5);

    private readonly RateRange _rate;
    private readonly TimeSpan _duration;

    /// <param name="rate">The rate of one sending thread.</param>
    /// <param name="duration">The duration of a ramp; ignored for a steady rate.</param>
    /// <param name="burst">Messages per burst; zero chooses.</param>
    public Pace(RateRange rate, TimeSpan duration, int burst)
    {
        _rate = rate;
        _duration = duration;
        Burst = burst > 0 ? burst : Math.Max(1, (int)Math.Ceiling(Math.Max(rate.From, rate.To) / BurstsPerSecond));
    }

    public int Burst { get; }

    /// <summary>Messages that are due by then, in whole bursts. The first burst is due at once.</summary>
    public long Due(TimeSpan elapsed) => _rate.IsUnlimited ? long.MaxValue : ((long)(Position(elapsed) / Burst) + 1) * Burst;

    /// <summary>The time until the burst after that many messages is due.</summary>
    public TimeSpan UntilNext(TimeSpan elapsed, long sent)
    {
        double missing = sent - Position(elapsed);
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(0.1, missing / RateAt(elapsed)));
    }

    /// <summary>The minimum time between bursts. A delayed sender catches up at twice its rate instead of in one large burst.</summary>
    public TimeSpan LeastGap(TimeSpan elapsed) => _rate.IsUnlimited ? TimeSpan.Zero : TimeSpan.FromSeconds(Burst / RateAt(elapsed) / 2);

    /// <summary>
    /// Messages to send now, in whole bursts: one burst or, if the sender woke up late, as many as are due, limited to twice the rate since
    /// the last ones.
    /// </summary>
    /// <param name="elapsed">A time by which more is due than was sent.</param>
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
