using System.Globalization;

namespace Concentrator.Bench.Arguments;

/// <summary>Messages a second, from one rate to another; equal for a steady one. Both zero: as fast as it goes.</summary>
internal readonly record struct RateRange(double From, double To)
{
    public static readonly RateRange Unlimited;

    public bool IsUnlimited => From <= 0 && To <= 0;

    public static RateRange Steady(double rate) => new(rate, rate);

    /// <summary><c>10k..200k</c>, or one rate.</summary>
    public static bool TryParse(string text, out RateRange range)
    {
        string[] ends = text.Split("..");
        range = default;
        if (ends.Length > 2 || !Quantity.TryParse(ends[0], out double from) || !Quantity.TryParse(ends[^1], out double to)) return false;
        range = new RateRange(from, to);
        return ends.Length == 1 || (from > 0 && to > 0);
    }

    /// <summary>The same traffic spread over so many senders.</summary>
    public RateRange Divide(int parts) => new(From / parts, To / parts);

    public override string ToString() =>
        IsUnlimited ? "as fast as it goes"
        : From == To ? string.Create(CultureInfo.InvariantCulture, $"{From:N0} msg/s")
        : string.Create(CultureInfo.InvariantCulture, $"{From:N0} to {To:N0} msg/s");
}
