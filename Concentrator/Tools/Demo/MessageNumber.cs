using System.Globalization;
using Concentrator.Bytes;

namespace Concentrator.Tools.Demo;

/// <summary>The mark that every message has: <c>demo=h0000042</c>, the sender's letter and seven digits.</summary>
internal static class MessageNumber
{
    private const int DigitCount = 7;

    private static ReadOnlySpan<byte> Mark => "demo="u8;

    public static string Of(char letter, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"demo={letter}{number:D7}");

    /// <summary>False if there is no valid mark.</summary>
    public static bool TryFind(ReadOnlySpan<byte> message, out char letter, out int number)
    {
        letter = default;
        number = 0;
        int at = message.IndexOf(Mark);
        if (at < 0 || message.Length - at < Mark.Length + 1 + DigitCount) return false;
        ReadOnlySpan<byte> value = message.Slice(at + Mark.Length, 1 + DigitCount);
        letter = (char)value[0];
        foreach (byte digit in value[1..])
        {
            if (!Digits.IsDigit(digit)) return false;
            number = (number * 10) + (digit - '0');
        }
        return true;
    }
}
