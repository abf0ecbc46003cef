using System.Globalization;
using System.Text;

namespace Concentrator.Targets.Relays.Https;

/// <summary>
/// Reads the TIMESTAMPs (RFC 3339) of frames that follow each other: one that lies in the same second as the one before is not read again.
/// One thread; allocates nothing after construction.
/// </summary>
internal sealed class EventTime
{
    /// <summary>Bytes of <c>yyyy-MM-ddTHH:mm:ss</c>.</summary>
    private const int Seconds = 19;

    private const int Longest = 64;

    private readonly byte[] _last = new byte[Longest];
    private int _lastLength;
    private DateTimeOffset? _moment;

    /// <summary>The moment, of which the fraction of the second may be another's; null when it cannot be read.</summary>
    public DateTimeOffset? Read(ReadOnlySpan<byte> time)
    {
        if (time.Length is <= Seconds or > Longest) return null;
        ReadOnlySpan<byte> last = _last.AsSpan(0, _lastLength);
        if (_lastLength == time.Length && last[..Seconds].SequenceEqual(time[..Seconds]) && Zone(last).SequenceEqual(Zone(time))) return _moment;
        time.CopyTo(_last);
        _lastLength = time.Length;
        return _moment = Parse(time);
    }

    private static DateTimeOffset? Parse(ReadOnlySpan<byte> time)
    {
        Span<char> text = stackalloc char[Longest];
        return Encoding.ASCII.TryGetChars(time, text, out int length) && DateTimeOffset.TryParseExact(
            text[..length], "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment) ? moment : null;
    }

    /// <summary>What may be an offset: the last six bytes.</summary>
    private static ReadOnlySpan<byte> Zone(ReadOnlySpan<byte> time) => time[^6..];
}
