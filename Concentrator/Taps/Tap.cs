using Concentrator.Routing;

namespace Concentrator.Taps;

/// <summary>What a tap has done, at one moment: matched = taken + passed over.</summary>
/// <param name="Taken">Messages in the ring, or shown.</param>
/// <param name="PassedForRate">Messages that matched beyond <see cref="Tap.MostPerSecond"/>.</param>
/// <param name="PassedForRoom">Messages that matched while the ring was full: the reader was too slow.</param>
internal readonly record struct TapCounts(long Taken, long PassedForRate, long PassedForRoom)
{
    public long PassedOver => PassedForRate + PassedForRoom;

    public long Matched => Taken + PassedOver;
}

/// <summary>
/// One watcher of messages: its filter, its ring, and the bound of its rate. The threads that receive messages offer it each of them; they
/// never wait for its reader. A message that matches and is beyond the rate, or finds no room, is passed over and counted.
/// <para>
/// The lock is held by those threads alone, for the copy of one message (<see cref="TapRecord.MostBytes"/> at most, twice with a frame).
/// The reader takes it only to read counts and to close. Nothing is allocated for a message.
/// </para>
/// </summary>
internal sealed class Tap(TapRequest request, TimeProvider time)
{
    /// <summary>More than anyone reads, and few enough to cost a busy server less than a percent.</summary>
    public const int MostPerSecond = 1000;

    /// <summary>Bytes: a second of long lines at that rate.</summary>
    private const int RingBytes = 1024 * 1024;

    private readonly TapFilter _filter = new(request);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private TapCounts _counts;
    private long _allowance = MostPerSecond;
    private long _allowanceAt = time.GetTimestamp();
    private bool _isClosed;

    /// <summary>The messages for the tap's one reader.</summary>
    public TapRing Ring { get; } = new(RingBytes);

    public TapRequest Request { get; } = request;

    /// <summary>What was matched so far; after <see cref="Close"/> it no longer changes.</summary>
    public TapCounts Counts
    {
        get
        {
            lock (_gate) return _counts;
        }
    }

    /// <summary>Whether no more messages come: it was closed, or <see cref="TapRequest.Limit"/> is reached.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate) return _isClosed;
        }
    }

    /// <summary>Takes no more messages.</summary>
    public void Close()
    {
        lock (_gate) _isClosed = true;
    }

    /// <summary>Offers a message that has just been routed. Any thread may call; returns at once.</summary>
    public void Offer(in TappedMessage tapped)
    {
        if (!_filter.Matches(tapped)) return;
        lock (_gate)
        {
            if (_isClosed) return;
            if (!TryAllow())
            {
                _counts = _counts with { PassedForRate = _counts.PassedForRate + 1 };
                return;
            }
            if (!TryTake(tapped))
            {
                _counts = _counts with { PassedForRoom = _counts.PassedForRoom + 1 };
                return;
            }
            _counts = _counts with { Taken = _counts.Taken + 1 };
            if (_counts.Taken == Request.Limit) _isClosed = true;
        }
    }

    private bool TryTake(in TappedMessage tapped)
    {
        RouteTarget? target = Request.WithFrame ? _filter.TargetIn(tapped.Trail) : null;
        int sent = target is null ? -1 : TapRecord.MeasureSent(tapped, target);
        if (!Ring.TryReserve(TapRecord.Measure(tapped, sent), out Span<byte> record)) return false;
        TapRecord.Write(record, tapped, target, sent, time.GetUtcNow().UtcTicks);
        Ring.Commit();
        return true;
    }

    /// <summary>A bucket that fills with <see cref="MostPerSecond"/> messages a second, and holds as many.</summary>
    private bool TryAllow()
    {
        long each = time.TimestampFrequency / MostPerSecond;
        long more = (time.GetTimestamp() - _allowanceAt) / each;
        _allowanceAt += more * each;
        _allowance = Math.Min(MostPerSecond, _allowance + more);
        if (_allowance == 0) return false;
        _allowance--;
        return true;
    }
}
