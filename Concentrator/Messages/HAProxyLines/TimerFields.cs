namespace Concentrator.Messages.HAProxyLines;

/// <summary>Numbers separated by slashes and ended by a blank: <c>TR/Tw/Tc/Tr/Ta</c> of a request, <c>Tw/Tc/Tt</c> of a session. -1 = it did not happen.</summary>
internal readonly ref struct TimerFields
{
    public const int OfRequest = 5;

    public const int OfSession = 3;

    /// <summary>Greater numbers become this one: 11 days in milliseconds.</summary>
    private const int Most = 999_999_999;

    public TimerFields(ReadOnlySpan<byte> text)
    {
        int last = 0;
        for (int at = 0, count = 1; ; at++, count++)
        {
            bool isNegative = false;
            if ((uint)at < (uint)text.Length && (text[at] == '-' || text[at] == '+')) isNegative = text[at++] == '-';
            int value = 0, first = at;
            for (; (uint)at < (uint)text.Length; at++)
            {
                int digit = text[at] - '0';
                if ((uint)digit > 9) break;
                value = value < Most / 10 ? (value * 10) + digit : Most;
            }
            if ((uint)at >= (uint)text.Length)
            {
                IsCut = true;
                return;
            }
            if (at == first) return;
            int response = last;
            last = isNegative ? -1 : value;
            if (text[at] == ' ')
            {
                (Count, Length, Response, Last) = (count, at + 1, response, last);
                return;
            }
            if (text[at] != '/' || count == OfRequest) return;
        }
    }

    /// <summary>The text ends inside the numbers.</summary>
    public bool IsCut { get; }

    /// <summary>How many there are; 0 if the text has another form.</summary>
    public int Count { get; }

    /// <summary>Bytes, the blank included; only with one of the counts above.</summary>
    public int Length { get; }

    /// <summary>The last but one: <c>Tr</c> of a request.</summary>
    public int Response { get; }

    /// <summary>The last: <c>Ta</c> of a request.</summary>
    public int Last { get; }
}
