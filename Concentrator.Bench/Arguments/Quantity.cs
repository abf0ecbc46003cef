using System.Globalization;

namespace Concentrator.Bench.Arguments;

/// <summary>Parses numbers of the command line: <c>50000</c>, <c>50k</c>, <c>1.5M</c>. Suffixes are powers of 1000.</summary>
internal static class Quantity
{
    public const string Example = "write a number such as 50000, 50k or 1.5M";

    /// <summary>False if the text is not a number, is negative, or has more than 15 digits.</summary>
    public static bool TryParse(string text, out double quantity)
    {
        double factor = text.Length == 0 ? 0 : text[^1] switch
        {
            'k' or 'K' => 1e3,
            'M' => 1e6,
            'G' => 1e9,
            _ => 1,
        };
        string digits = factor > 1 ? text[..^1] : text;
        bool isNumber = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);
        quantity = number * factor;
        return isNumber && quantity < 1e15;
    }

    /// <summary>As <see cref="TryParse"/>, for whole numbers of messages or bytes.</summary>
    public static bool TryParseWhole(string text, out long quantity)
    {
        bool parsed = TryParse(text, out double value) && Math.Floor(value) == value;
        quantity = parsed ? (long)value : 0;
        return parsed;
    }
}
