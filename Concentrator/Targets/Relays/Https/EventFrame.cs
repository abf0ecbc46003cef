namespace Concentrator.Targets.Relays.Https;

/// <summary>
/// A message of a relay's block as an event: the key, the time and the text that Sekoia.io's frame carries
/// (<c>&lt;PRI&gt;1 TIMESTAMP HOSTNAME APP-NAME PROCID LOG [SEKOIA@53288 intake_key="KEY"] MSG</c>). The header's fields contain no
/// blanks, and the element is the first after them, so no sender can put another in its place. Pure; allocates nothing.
/// </summary>
internal readonly ref struct EventFrame
{
    /// <summary>Bytes of the longest key that the configuration accepts.</summary>
    private const int LongestKey = 256;

    /// <summary>Bytes of a timestamp, far more than RFC 3339 needs.</summary>
    private const int LongestTime = 64;

    /// <summary>HOSTNAME, APP-NAME, PROCID and MSGID.</summary>
    private const int WordsAfterTime = 4;

    private static ReadOnlySpan<byte> Element => "[SEKOIA@53288 intake_key=\""u8;

    /// <summary>The intake key; empty when the frame has none.</summary>
    public ReadOnlySpan<byte> Key { get; private init; }

    /// <summary>TIMESTAMP; empty with the key.</summary>
    public ReadOnlySpan<byte> Time { get; private init; }

    /// <summary>MSG; the whole message when it has no key.</summary>
    public ReadOnlySpan<byte> Text { get; private init; }

    /// <summary>
    /// Reads a message without its MSG-LEN. One of another form, which the queue holds after a change of the output's type, is an event as a
    /// whole.
    /// </summary>
    public static EventFrame Read(ReadOnlySpan<byte> message)
    {
        EventFrame whole = new() { Text = message };
        ReadOnlySpan<byte> rest = message;
        if (!TakeWord(ref rest, out ReadOnlySpan<byte> head) || head is not [(byte)'<', .., (byte)'>', (byte)'1']) return whole;
        if (!TakeWord(ref rest, out ReadOnlySpan<byte> time) || time.Length > LongestTime) return whole;
        for (int i = 0; i < WordsAfterTime; i++)
        {
            if (!TakeWord(ref rest, out _)) return whole;
        }
        if (!rest.StartsWith(Element)) return whole;
        rest = rest[Element.Length..];
        int end = rest.IndexOf((byte)'"');
        if (end is < 1 or > LongestKey || rest.Length < end + 2 || rest[end + 1] != ']') return whole;
        ReadOnlySpan<byte> key = rest[..end];
        if (key.IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0) return whole;
        rest = rest[(end + 2)..];
        return new EventFrame { Key = key, Time = time, Text = rest is [(byte)' ', ..] ? rest[1..] : rest };
    }

    private static bool TakeWord(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        int blank = rest.IndexOf((byte)' ');
        word = blank > 0 ? rest[..blank] : default;
        if (blank <= 0) return false;
        rest = rest[(blank + 1)..];
        return true;
    }
}
