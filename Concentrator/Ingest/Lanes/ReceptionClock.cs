using Concentrator.Messages.Timestamps;

namespace Concentrator.Ingest.Lanes;

/// <summary>
/// The time of reception, formatted once a batch for all its messages. The zone's offset is looked up once a second, so a change to or
/// from summer time appears within a second. Owned by one lane.
/// </summary>
internal sealed class ReceptionClock(TimeProvider time)
{
    private readonly byte[] _rfc3339 = new byte[Messages.Timestamps.Rfc3339.Length];
    private readonly byte[] _bsd = new byte[BsdTime.Length];
    private TimeSpan _offset;
    private long _offsetSecond = long.MinValue;

    public ReadOnlySpan<byte> Rfc3339 => _rfc3339;

    public ReadOnlySpan<byte> Bsd => _bsd;

    /// <param name="now">UTC.</param>
    public void Update(DateTimeOffset now)
    {
        long second = now.Ticks / TimeSpan.TicksPerSecond;
        bool newSecond = second != _offsetSecond;
        if (newSecond)
        {
            _offset = time.LocalTimeZone.GetUtcOffset(now);
            _offsetSecond = second;
        }
        DateTimeOffset local = now.ToOffset(_offset);
        Messages.Timestamps.Rfc3339.Write(local, _rfc3339);
        if (newSecond) BsdTime.Write(local, _bsd);
    }
}
