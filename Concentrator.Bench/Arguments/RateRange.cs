using System.Globalization;

namespace Concentrator.Bench.Arguments;

/// <summary>Messages per second, rising evenly from one rate to another; equal for a steady rate. Both zero: unlimited.</summary>
internal readonly record struct RateRange(double From, double To)
{
    public static readonly RateRange Unlimited;

    public bool IsUnlimited => From <= 0 && To <= 0;

    public static RateRange Steady(double rate) => new(rate, rate);

    /// <summary>Parses <c>10k..200k</c>, or a single rate.</summary>
    public static bool TryParse(string text, out RateRange range)
    {
        string[] ends = text.Split("..");
        range = default;
        if (ends.Length > 2 || !Quantity.TryParse(ends[0], out double from) || !Quantity.TryParse(ends[^1], out double to)) return false;
        range = new RateRange(from, to);
        return ends.Length == 1 || (from > 0 && to > 0);
    }

    /// <summary>The rate of each sender when the traffic is split evenly.</summary>
    public RateRange Divide(int parts) => new(From / parts, To / parts);

    public override string ToString() =>
        IsUnlimited ? "as fast as possible"
        : From == To ? string.Create(CultureInfo.InvariantCulture, $"{From:N0} msg/s")
        : string.Create(CultureInfo.InvariantCulture, $"{From:N0} to {To:N0} msg/s");
}
