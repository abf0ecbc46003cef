namespace Concentrator.Bytes;

/// <summary>Decimal numbers in ASCII, as in syslog headers and octet counts. Nothing here allocates.</summary>
internal static class Digits
{
    public static bool IsDigit(byte value) => (uint)(value - '0') <= 9;

    /// <summary>The value of the two digits at <paramref name="offset"/>; -1 if they are not both digits.</summary>
    public static int ReadTwo(ReadOnlySpan<byte> text, int offset)
    {
        uint tens = (uint)(text[offset] - '0');
        uint ones = (uint)(text[offset + 1] - '0');
        return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : -1;
    }

    /// <summary>The value of the four digits at <paramref name="offset"/>; -1 if they are not all digits.</summary>
    public static int ReadFour(ReadOnlySpan<byte> text, int offset)
    {
        int high = ReadTwo(text, offset);
        int low = ReadTwo(text, offset + 2);
        return high < 0 || low < 0 ? -1 : high * 100 + low;
    }

    /// <summary>The number of leading digits.</summary>
    public static int CountLeading(ReadOnlySpan<byte> text)
    {
        int count = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return count < 0 ? text.Length : count;
    }

    /// <summary>Writes the value's last <paramref name="width"/> digits, zero-padded, at <paramref name="offset"/>.</summary>
    public static void WritePadded(Span<byte> destination, int offset, int width, int value)
    {
        for (int i = offset + width - 1; i >= offset; i--)
        {
            destination[i] = (byte)('0' + value % 10);
            value /= 10;
        }
    }

    /// <summary>The number of digits of a non-negative value.</summary>
    public static int CountDecimal(int value)
    {
        int count = 1;
        for (; value >= 10; value /= 10)
            count++;
        return count;
    }

    /// <summary>Writes a non-negative value without padding and returns the number of digits written.</summary>
    public static int WriteDecimal(Span<byte> destination, int value)
    {
        int count = CountDecimal(value);
        WritePadded(destination, 0, count, value);
        return count;
    }
}
